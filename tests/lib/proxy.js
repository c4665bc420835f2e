// Runs HAProxy and nginx in front of servers of a test, with conf/haproxy.cfg and
// conf/nginx.conf: only names, addresses, ports and paths are replaced.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { atEnd, isRoot, run, top, until } from "./process.js";
import { freePort } from "./pg.js";

// Replaces all of [what, by]; each must be there, so that the real file is tested.
function substitute(text, pairs) {
	for (const [what, by] of pairs) {
		if (!text.includes(what))
			throw new Error(`the configuration has no "${what}"`);
		text = text.replaceAll(what, by);
	}
	return text;
}

// Makes an ECDSA certificate for localhost; returns it.
async function certificate(dir) {
	const file = (name) => path.join(dir, name);
	await run("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
	    "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
	    "-out", file("front.pem"), "-keyout", file("front.key")]);
	writeFileSync(file("both.pem"), readFileSync(file("front.pem")) + readFileSync(file("front.key")));
	return readFileSync(file("front.pem"));
}

// Runs a proxy in the foreground until stop(). ports: of its listeners.
async function start(command, args, dir, ports) {
	const proxy = { output: "" };
	const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding("utf8").on("data", (s) => { proxy.output += s; });
	let ended;
	child.on("error", (error) => { ended = error.message; });
	child.on("close", (status) => { ended ??= `status ${status}`; });
	const forget = atEnd(() => {
		child.kill("SIGKILL");
		rmSync(dir, { recursive: true, force: true });
	});
	proxy.stop = async () => {
		child.kill("SIGTERM");
		await until(`${command} to end`, () => ended);
		forget();
		rmSync(dir, { recursive: true, force: true });
	};
	const { connect } = await import("node:net");
	for (const port of ports)
		await until(`${command} to listen`, () => {
			if (ended)
				throw new Error(`${command} ended: ${ended}\n${proxy.output}`);
			return new Promise((resolve) => {
				const probe = connect({ host: "127.0.0.1", port }, () => {
					probe.destroy();
					resolve(true);
				}).on("error", () => resolve(false));
			});
		});
	return proxy;
}

// What a Client needs to know of a listener.
const place = (port, ca) => ({ port, ca, url: `https://localhost:${port}` });

const newDirectory = () => mkdtempSync(path.join(tmpdir(), "smartrecord-"));

// Starts HAProxy in front of two servers that have proxy_port. Returns web, which
// ends TLS, and passthrough.
export async function startHaproxy([a, b], extra = []) {
	const dir = newDirectory();
	const ca = await certificate(dir);
	const ports = [await freePort(), await freePort()];
	writeFileSync(path.join(dir, "ca.pem"), Buffer.concat([a.ca, b.ca]));
	writeFileSync(path.join(dir, "haproxy.cfg"), substitute(
	    readFileSync(path.join(top, "conf/haproxy.cfg"), "utf8"), [
		["\tuser haproxy\n", ""],
		["\tgroup haproxy\n", ""],
		["maxconn 20000", "maxconn 500"],
		["log /dev/log local0", "log stdout format raw local0"],
		["/run/haproxy/admin.sock", path.join(dir, "admin.sock")],
		["bind :443 ", `bind 127.0.0.1:${ports[0]} `],
		["bind :8443\n", `bind 127.0.0.1:${ports[1]}\n`],
		["/etc/haproxy/smartrecord.pem", path.join(dir, "both.pem")],
		["/etc/ssl/certs/ca-certificates.crt", path.join(dir, "ca.pem")],
		["console.example.net", "localhost"],
		["192.0.2.11:8444", `127.0.0.1:${a.settings.proxy_port}`],
		["192.0.2.12:8444", `127.0.0.1:${b.settings.proxy_port}`],
		...extra,
	    ]));
	const proxy = await start("/usr/sbin/haproxy", ["-db", "-f", path.join(dir, "haproxy.cfg")], dir, ports);
	return Object.assign(proxy, { web: place(ports[0], ca), passthrough: place(ports[1], a.ca),
		log: () => proxy.output });
}

// Starts nginx in front of two servers.
export async function startNginx([a, b], extra = []) {
	const dir = newDirectory();
	const ca = await certificate(dir);
	const port = await freePort();
	for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"])
		mkdirSync(path.join(dir, name));
	const temporary = ["client_body:body", "proxy:proxy", "fastcgi:fastcgi", "uwsgi:uwsgi", "scgi:scgi"]
	    .map((s) => s.split(":")).map(([key, name]) => `\t${key}_temp_path ${path.join(dir, name)};\n`);
	writeFileSync(path.join(dir, "ca.pem"), Buffer.concat([a.ca, b.ca]));
	writeFileSync(path.join(dir, "nginx.conf"), substitute(
	    readFileSync(path.join(top, "conf/nginx.conf"), "utf8"), [
		["user www-data;\n", isRoot ? "user root;\n" : ""],
		["pid /run/nginx.pid;", `daemon off; pid ${path.join(dir, "nginx.pid")};`],
		["http {\n", `http {\n${temporary.join("")}`],
		["/var/log/nginx/access.log", path.join(dir, "access.log")],
		["/var/log/nginx/error.log", "stderr"],
		["listen 443 ", `listen 127.0.0.1:${port} `],
		["/etc/nginx/smartrecord.pem", path.join(dir, "front.pem")],
		["/etc/nginx/smartrecord.key", path.join(dir, "front.key")],
		["/etc/ssl/certs/ca-certificates.crt", path.join(dir, "ca.pem")],
		["console.example.net", "localhost"],
		["192.0.2.11:8443", `127.0.0.1:${a.port}`],
		["192.0.2.12:8443", `127.0.0.1:${b.port}`],
		...extra,
	    ]));
	const proxy = await start("/usr/sbin/nginx", ["-e", "stderr", "-c", path.join(dir, "nginx.conf")], dir, [port]);
	return Object.assign(proxy, { web: place(port, ca),
		log: () => readFileSync(path.join(dir, "access.log"), "utf8") });
}
