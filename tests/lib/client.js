// An HTTPS client like a browser: it keeps cookies and one connection, and adds
// the CSRF token to writes. Also raw TLS connections, for malformed requests.
import { Agent, request } from "node:https";
import { connect } from "node:tls";
import { password } from "./fixtures.js";

export class Client {
	#agent;
	#to = "localhost";

	// host: another host name of the server; ca: the certificate for it; from:
	// the address to connect from.
	constructor(server, { host, ca = server.ca, from } = {}) {
		this.server = server;
		this.host = host && `${host}:${server.port}`;
		if (from?.includes(":")) {
			this.#to = "::1";
			this.host ??= `localhost:${server.port}`;
		}
		this.cookies = new Map();
		this.csrf = null;
		this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ca,
			...from && { localAddress: from, family: from.includes(":") ? 6 : 4 } });
	}

	// Sends a request and returns the response: { status, headers, body, text,
	// json() }. Does not follow redirections. fields is a form, json an API
	// body, body raw bytes. Adds the CSRF token of the session to a write.
	send(method, target, { headers = {}, fields, json, body } = {}) {
		const head = { ...this.host && { host: this.host }, ...headers };
		if (this.cookies.size > 0 && !("cookie" in head))
			head.cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
		if (method !== "GET" && method !== "HEAD")
			head.origin ??= this.host ? `https://${this.host}` : this.server.url;
		if (json !== undefined) {
			head["content-type"] ??= "application/json";
			body = JSON.stringify(json);
		} else if (fields !== undefined) {
			head["content-type"] ??= "application/x-www-form-urlencoded";
			body = new URLSearchParams(
			    this.csrf ? { csrf: this.csrf, ...fields } : fields).toString();
		}
		if (this.csrf && fields === undefined && method !== "GET" && method !== "HEAD")
			head["x-csrf-token"] ??= this.csrf;
		if (body !== undefined)
			head["content-length"] ??= Buffer.byteLength(body);
		return this.#exchange(method, target, head, body);
	}

	#exchange(method, target, headers, body) {
		return new Promise((resolve, reject) => {
			const asked = request({ host: this.#to, port: this.server.port,
			    method, path: target, headers, agent: this.#agent }, (answer) => {
				const chunks = [];
				answer.on("data", (chunk) => chunks.push(chunk));
				answer.on("error", reject);
				answer.on("aborted", () => reject(new Error("answer cut short")));
				answer.on("end", () => resolve(this.#answer(answer, chunks)));
			});
			asked.on("error", reject);
			asked.setTimeout(30000, () => asked.destroy(new Error("no answer in 30 s")));
			asked.end(body);
		});
	}

	#answer(answer, chunks) {
		const body = Buffer.concat(chunks);
		for (const line of answer.headers["set-cookie"] ?? []) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
			if (value === "" || /max-age=(0|-\d+)(;|$)/i.test(line))
				this.cookies.delete(name);
			else
				this.cookies.set(name, value);
		}
		return { status: answer.statusCode, headers: answer.headers, body,
			get text() { return body.toString("utf8"); },
			json() { return JSON.parse(body.toString("utf8")); } };
	}

	get(target, headers) {
		return this.send("GET", target, { headers });
	}

	post(target, what = {}) {
		return this.send("POST", target, what);
	}

	// Signs in through the API. Throws if that fails.
	async signIn(email, secret = password) {
		const answer = await this.post("/api/v1/session", { json: { email, password: secret } });
		if (answer.status !== 200 && answer.status !== 201)
			throw new Error(`sign-in of ${email}: ${answer.status} ${answer.text}`);
		this.csrf = (await this.get("/api/v1/session")).json().csrf;
		return this;
	}

	close() {
		this.#agent.destroy();
	}
}

// Opens a TLS connection; it closes when the server closes it.
export function open(server, options = {}) {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: "localhost", port: server.port, ca: server.ca,
		    ...options }, () => resolve(socket));
		socket.on("error", reject);
	});
}

// Sends raw bytes. Returns the response as latin1, up to the end of the
// connection or until `done` matches.
export async function exchange(server, bytes, { done, within = 10000 } = {}) {
	const socket = await open(server);
	return new Promise((resolve, reject) => {
		let got = "";
		const finish = (action, value) => {
			clearTimeout(timer);
			socket.destroy();
			action(value);
		};
		const timer = setTimeout(() => finish(reject,
		    new Error(`nothing more in ${within} ms after: ${got}`)), within);
		socket.setEncoding("latin1");
		socket.on("data", (chunk) => {
			got += chunk;
			if (done?.test(got))
				finish(resolve, got);
		});
		socket.on("close", () => finish(resolve, got));
		socket.on("error", (error) => got === "" && error.code !== "ECONNRESET"
		    ? finish(reject, error) : finish(resolve, got));
		socket.write(Buffer.from(bytes, "latin1"));
	});
}
