#!/bin/bash
# Make BUILD/stator_VERSION_ARCHITECTURE.deb out of what `make install` installs.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1

for command in dpkg-deb dpkg-shlibdeps objcopy; do
    command -v $command >/dev/null && continue
    echo "$command is missing. Install it with this line, then try again:" >&2
    echo "sudo apt-get install --yes --no-install-recommends dpkg-dev binutils" >&2
    exit 1
done

version=$(sed -n 's/#define STATOR_VERSION "\(.*\)"/\1/p' src/server/version.h)
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/debian/stator

umask 022
make --no-print-directory -s install PREFIX=/usr DESTDIR="$root" BUILD="$build"
objcopy --strip-debug "$root/usr/bin/stator"
mv "$root/usr/share/doc/stator/LICENSE" "$root/usr/share/doc/stator/copyright"
install -D -m 644 packaging/stator.default "$root/etc/default/stator"

install -d "$root/DEBIAN"
# The libraries, each with the oldest version that has what the program uses.
printf 'Source: stator\n\nPackage: stator\nArchitecture: %s\n' "$architecture" >"$work/debian/control"
libraries=$(cd "$work" && dpkg-shlibdeps -O debian/stator/usr/bin/stator | sed -n 's/^shlibs:Depends=//p')

cat >"$root/DEBIAN/control" <<CONTROL
Package: stator
Version: $version
Architecture: $architecture
Maintainer: The Stator maintainers <maintainers@stator.invalid>
Installed-Size: $(du -k -s --apparent-size "$root" | cut -f 1)
Depends: $libraries, init-system-helpers, systemd | systemd-standalone-sysusers | systemd-sysusers
Section: database
Priority: optional
Description: DynamoDB API on machines you own
 Stator speaks the DynamoDB API: the AWS command line and SDKs use it unchanged.
 It stores on the local disk with RocksDB; an item that was acknowledged is not lost.
 .
 The package brings the service stator, which runs as a user of its own, listens on
 127.0.0.1:8000 and keeps its data in /var/lib/stator.
CONTROL
echo /etc/default/stator >"$root/DEBIAN/conffiles"
install -m 755 packaging/deb/postinst packaging/deb/prerm packaging/deb/postrm "$root/DEBIAN/"
(cd "$root" && find usr -type f -printf '%P\0' | sort -z | sed -z 's|^|usr/|' | xargs -0 md5sum >DEBIAN/md5sums)

package=$build/stator_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package"
