/* make install and make deb give what they promise; the unit, its settings and the image agree. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { run } from "../support/aws.mjs";
import { repository, runStator, startServer } from "../support/server.mjs";

/* What make said to its children is not meant for the one below. */
const { MAKEFLAGS, MAKELEVEL, MAKEOVERRIDES, ...environment } = process.env;

async function ok(command, ...words) {
    const { code, output, errors } = await run(command, words, environment);
    assert.equal(code, 0, `${command} ${words.join(" ")}: ${output}${errors}`);
    return output;
}
const make = (...words) => ok("make", "--no-print-directory", "--silent", "-C", repository, ...words);
const read = (path) => readFileSync(join(repository, path), "utf8");
const version = /STATOR_VERSION "(.*)"/.exec(read("src/server/version.h"))[1];

const directory = mkdtempSync(join(tmpdir(), "stator-packaging-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const hasSystemd = existsSync("/usr/bin/systemd-analyze");
const skipSystemd = !hasSystemd && "no systemd-analyze on this machine";

const filesBelow = (root) => readdirSync(root, { recursive: true }).filter((path) => statSync(join(root, path)).isFile()).sort();
const variablesOf = (text) => [...text.matchAll(/\bSTATOR_\w+/g)].map((match) => match[0]);
/* What .dockerignore lets in. Whole paths, because builders differ in what ** brings back. */
const keptOfContext = () => [...read("packaging/Dockerfile.dockerignore").matchAll(/^!([^*\s]+)$/gm)].map(([, path]) => path);
const optionVariables = async () => variablesOf((await runStator(["serve", "--help"])).output);

describe("make install", () => {
    const installed = (prefix) => [
        `${prefix}/bin/stator`,
        `${prefix}/lib/systemd/system/stator.service`,
        `${prefix}/lib/sysusers.d/stator.conf`,
        `${prefix}/share/doc/stator/LICENSE`,
        `${prefix}/share/stator/dashboards/stator.json`,
        ...readdirSync(join(repository, "docs")).filter((name) => name.endsWith(".md")).map((name) => `${prefix}/share/doc/stator/${name}`),
    ].sort();

    it("puts everything below DESTDIR, for PREFIX", async () => {
        const root = join(directory, "destdir");
        await make("install", "PREFIX=/opt/stator", `DESTDIR=${root}`);
        assert.deepEqual(filesBelow(root), installed("opt/stator"));
        assert.match(readFileSync(join(root, "opt/stator/lib/systemd/system/stator.service"), "utf8"), /^ExecStart=\/opt\/stator\/bin\/stator serve$/m);
    });

    it("the installed program is whole: it says its version and serves", async () => {
        const prefix = join(directory, "prefix");
        await make("install", `PREFIX=${prefix}`);
        const program = join(prefix, "bin/stator");
        assert.equal(await ok(program, "version"), `${version}\n`);
        const server = await startServer({}, { binary: program });
        assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
        await server.stop();
        await server.dispose();
    });

    it("systemd takes the unit and the user", { skip: skipSystemd }, async () => {
        const prefix = join(directory, "prefix");
        await ok("systemd-analyze", "verify", "--man=no", join(prefix, "lib/systemd/system/stator.service"));
        if (existsSync("/usr/bin/systemd-sysusers")) {
            const users = await run("systemd-sysusers", [`--root=${join(directory, "destdir")}`, "--dry-run", join(prefix, "lib/sysusers.d/stator.conf")], environment);
            assert.equal(users.code, 0, users.errors);
            assert.match(users.errors + users.output, /user 'stator'/);
        }
    });
});

describe("make deb", async () => {
    const architecture = (await ok("dpkg", "--print-architecture")).trim();
    const file = join(repository, "build", `stator_${version}_${architecture}.deb`);
    rmSync(file, { force: true });
    await make("deb");
    const root = join(directory, "deb");
    await ok("dpkg-deb", "--raw-extract", file, root);
    const control = (name) => readFileSync(join(root, "DEBIAN", name), "utf8");
    const dependencies = /^Depends: (.*)$/m.exec(control("control"))[1].split(", ");

    it("holds the program, the service, its settings and the documents", async () => {
        const files = filesBelow(root).filter((path) => !path.startsWith("DEBIAN/"));
        for (const path of ["usr/bin/stator", "etc/default/stator", "usr/lib/systemd/system/stator.service", "usr/lib/sysusers.d/stator.conf", "usr/share/doc/stator/copyright", "usr/share/doc/stator/operations.md"])
            assert.ok(files.includes(path), path);
        assert.equal(control("conffiles"), "/etc/default/stator\n");
        assert.equal(await ok(join(root, "usr/bin/stator"), "version"), `${version}\n`);
        for (const line of (await ok("dpkg-deb", "--contents", file)).trim().split("\n"))
            assert.match(line, /^[d-]rw[x-]r-[x-]r-[x-] root\/root /, line);
    });

    it("needs the libraries that the program is linked with, by version", () => {
        for (const library of ["libc6", "librocksdb7.8", "libuv1", "libxxhash0", "libzstd1", "zlib1g"])
            assert.ok(dependencies.some((each) => each.startsWith(`${library} (>= `)), `${library}: ${dependencies}`);
    });

    it("carries sums that hold, and scripts that a shell reads", async () => {
        await ok("bash", "-c", `cd '${root}' && md5sum --check --quiet DEBIAN/md5sums`);
        assert.equal(control("md5sums").trim().split("\n").length, filesBelow(root).filter((path) => path.startsWith("usr/")).length);
        for (const script of ["postinst", "prerm", "postrm"]) {
            assert.match(control(script), /^#!\/bin\/sh\n(#.*\n)*set -e\n/);
            await ok("sh", "-n", join(root, "DEBIAN", script));
        }
    });

    it("the image installs the same libraries", () => {
        const [, packages] = /apt-get install --yes --no-install-recommends (.*) \\/.exec(read("packaging/Dockerfile"));
        assert.deepEqual(packages.split(" ").sort(), dependencies.map((each) => each.split(" ")[0]).filter((name) => /^(lib|zlib)/.test(name) && name !== "libc6").sort());
    });
});

describe("settings", () => {
    it("every variable that the package and the image name is an option's", async () => {
        const known = await optionVariables();
        for (const path of ["packaging/stator.default", "packaging/stator.service.in", "packaging/Dockerfile"])
            for (const variable of variablesOf(read(path)))
                assert.ok(known.includes(variable), `${path}: ${variable}`);
    });

    it("the defaults shown in /etc/default/stator are the program's", async () => {
        const { output } = await runStator(["serve", "--help"]);
        for (const [, variable, value] of read("packaging/stator.default").matchAll(/^# (STATOR_\w+)=(\S+)$/gm)) {
            const [, standard] = new RegExp(`\\[(.*?)\\]  ${variable}\n`).exec(output);
            assert.equal(value, standard || "/var/lib/stator", variable);
        }
    });

    it("the image is not run as root, and copies only what is there", () => {
        const dockerfile = read("packaging/Dockerfile");
        assert.match(dockerfile, /^USER [1-9]\d*:[1-9]\d*$/m);
        for (const path of keptOfContext())
            assert.ok(existsSync(join(repository, path)), path);
    });

    it("the image's build has all that it needs in what is copied", async () => {
        const context = join(directory, "context");
        for (const path of keptOfContext())
            cpSync(join(repository, path), join(context, path), { recursive: true });
        await ok("make", "--no-print-directory", "--dry-run", "-C", context, "install", `DESTDIR=${join(directory, "image")}`);
    });
});
