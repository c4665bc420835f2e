// A mail server for tests (RFC 5321): stores the mails it receives, or refuses
// them with a given reply.
import { createServer } from "node:net";
import { until } from "./process.js";

const decodeLine = (text) => text.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g,
    (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

// Parses a received message: { from, to, headers: {name: text}, text }.
function read(from, to, raw) {
	const [head, ...body] = raw.split("\r\n\r\n");
	const headers = {};
	for (const line of head.replace(/\r\n /g, " ").split("\r\n")) {
		const [, name, value] = /^([^:]+): (.*)$/s.exec(line);
		headers[name.toLowerCase()] = value.replace(/\?= =\?/g, "?==?").replace(
		    /=\?UTF-8\?B\?(.*?)\?=/g, (_, word) => Buffer.from(word, "base64").toString());
	}
	return { from, to, raw, headers,
		text: Buffer.from(decodeLine(body.join("\r\n\r\n")), "latin1").toString().replaceAll("\r\n", "\n") };
}

export class Smtp {
	constructor() {
		this.mails = [];
		this.refuse = {};	// command → reply: { RCPT: "550 no" }
		this.silent = false;	// sends no greeting, like a hung server
		this.sockets = new Set();
	}

	async start(port = 0) {
		this.server = createServer((socket) => this.#talk(socket));
		await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
		this.port = this.server.address().port;
		this.settings = { mail_url: `smtp://127.0.0.1:${this.port}`, mail_starttls: "off",
			mail_from: "onepass@smart.test", public_url: "https://record.test:8443" };
		return this;
	}

	#talk(socket) {
		let got = "", data = false, from = "", to = [];
		this.sockets.add(socket);
		socket.on("close", () => this.sockets.delete(socket)).on("error", () => {});
		const say = (line) => socket.write(`${line}\r\n`);
		const command = (line) => {
			const verb = line.slice(0, 4).toUpperCase();
			if (this.refuse[verb])
				return say(this.refuse[verb]);
			if (verb === "MAIL")
				from = /<(.*)>/.exec(line)[1];
			if (verb === "RCPT")
				to.push(/<(.*)>/.exec(line)[1]);
			if (verb === "QUIT")
				return socket.end("221 bye\r\n");
			data = verb === "DATA";
			say(data ? "354 go on" : "250 ok");
		};
		socket.setEncoding("latin1").on("data", (chunk) => {
			got += chunk;
			for (let end; (end = got.indexOf(data ? "\r\n.\r\n" : "\r\n")) >= 0;) {
				const piece = got.slice(0, end);
				got = got.slice(end + (data ? 5 : 2));
				if (!data) {
					command(piece);
					continue;
				}
				this.mails.push(read(from, to, `${piece}\r\n`.replace(/^\.\./gm, ".")));
				[data, from, to] = [false, "", []];
				say("250 taken");
			}
		});
		if (!this.silent)
			say("220 sink");
	}

	// Waits for a mail to an address with a subject, and removes it.
	async mail(to, subject) {
		const wanted = (m) => m.to[0] === to && subject.test(m.headers.subject);
		const found = await until(`a mail to ${to}: ${subject}`, () => this.mails.find(wanted));
		this.mails.splice(this.mails.indexOf(found), 1);
		return found;
	}

	async stop() {
		const closed = new Promise((resolve) => this.server.close(resolve));
		for (const socket of this.sockets)
			socket.destroy();
		await closed;
	}
}
