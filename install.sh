#!/bin/bash
# Install what is missing on this Debian machine: `install.sh run` to build and serve,
# `install.sh test` also to test. Without root it prints the line to run instead, and fails.
set -euo pipefail

# package, and a file or command that it brings
run_packages=(
    "gcc                gcc"
    "libc6-dev          /usr/include/stdio.h"
    "make               make"
    "librocksdb-dev     /usr/include/rocksdb/c.h"
    "libuv1-dev         /usr/include/uv.h"
    "node-llhttp        /usr/share/llhttp/llhttp.c"
    "libxxhash-dev      /usr/include/xxhash.h"
    "zlib1g-dev         /usr/include/zlib.h"
    "libzstd-dev        /usr/include/zstd.h"
)
test_packages=(
    "awscli             /usr/bin/aws"
    "python3-boto3      /usr/lib/python3/dist-packages/boto3/__init__.py"
    "nodejs             node"
    "npm                npm"
    "ca-certificates    /etc/ssl/certs/ca-certificates.crt"
    "wrk                wrk"
    "dpkg-dev           dpkg-shlibdeps"
    "clang              clang"
    "libclang-rt-14-dev /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux"
)

wanted=("${run_packages[@]}")
[ "${1-run}" = test ] && wanted+=("${test_packages[@]}")

missing=()
for line in "${wanted[@]}"; do
    read -r package brings <<<"$line"
    case $brings in
        /*) [ -e "$brings" ] || missing+=("$package") ;;
        *) command -v "$brings" >/dev/null || missing+=("$package") ;;
    esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

install=(apt-get install --yes --no-install-recommends "${missing[@]}")
if [ "$(id -u)" -ne 0 ]; then
    echo "Packages are missing. Install them with this line, then try again:" >&2
    echo "sudo ${install[*]}" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# Package lists may be absent or old: refresh them only when the first try fails.
"${install[@]}" </dev/null || { apt-get update && "${install[@]}" </dev/null; }
