// Sphinx as a peer: an index of the same texts, and a client of its MySQL
// protocol for the few kinds of packets that it sends.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { freePort } from "../lib/pg.js";
import { atEnd, run, until } from "../lib/process.js";

// Letters as searched: without case and accents, as unaccent does.
function letters() {
	const hex = (n) => `U+${n.toString(16).toUpperCase()}`;
	const accented = [];
	for (let n = 0xc0; n < 0x180; n++) {
		const base = String.fromCharCode(n).normalize("NFD")[0].toLowerCase();
		if (/[a-z]/.test(base))
			accented.push(`${hex(n)}->${base}`);
	}
	return ["0..9", "a..z", "A..Z->a..z", ...accented].join(", ");
}

// rows: a file of lines, see fts5.c; their number and then the columns.
const configuration = (folder, rows, columns, port) => `
source calls {
 type = tsvpipe
 tsvpipe_command = awk -F'\t' -v OFS='\t' '{ NF = ${columns.length}; print NR, $0 }' ${rows}
 ${columns.map((name) => `tsvpipe_field = ${name}`).join("\n ")}
}
index calls {
 source = calls
 path = ${folder}/calls
 min_word_len = 1
 min_prefix_len = 3
 dict = keywords
 charset_table = ${letters()}
}
indexer {
 mem_limit = 1024M
}
searchd {
 listen = 127.0.0.1:${port}:mysql41
 pid_file = ${folder}/pid
 log = ${folder}/log
 binlog_path =
 workers = threads
}
`;

// One connection. ask(sql) returns rows of strings.
class Connection {
	#got = Buffer.alloc(0);
	#waiting = null;

	constructor(socket) {
		this.socket = socket;
		socket.setNoDelay(true);
		socket.on("data", (chunk) => {
			this.#got = this.#got.length > 0 ? Buffer.concat([this.#got, chunk]) : chunk;
			this.#waiting?.();
		});
	}

	async #packet() {
		const length = () => this.#got.length < 4 ? Infinity : this.#got.readUIntLE(0, 3) + 4;
		while (this.#got.length < length())
			await new Promise((resolve) => { this.#waiting = resolve; });
		const end = length(), packet = this.#got.subarray(4, end);
		this.#got = this.#got.subarray(end);
		if (packet[0] === 0xff)
			throw new Error(`Sphinx: ${packet.subarray(3)}`);
		return packet;
	}

	#send(number, ...parts) {
		const body = Buffer.concat(parts), head = Buffer.alloc(4);
		head.writeUIntLE(body.length, 0, 3);
		head[3] = number;
		this.socket.write(Buffer.concat([head, body]));
	}

	// Greeting, then a login without a password: protocol 4.1, UTF-8.
	async greet() {
		await this.#packet();
		const login = Buffer.alloc(34);
		login.writeUInt32LE(0x8200, 0);
		login.writeUInt32LE(1 << 24, 4);
		login[8] = 33;
		this.#send(1, login);
		await this.#packet();
		return this;
	}

	async ask(sql) {
		this.#send(0, Buffer.from([3]), Buffer.from(sql));
		const isEnd = (packet) => packet[0] === 0xfe && packet.length < 9;
		const rows = [];
		if ((await this.#packet())[0] === 0)
			return rows;
		while (!isEnd(await this.#packet()))
			continue;
		for (let packet = await this.#packet(); !isEnd(packet); packet = await this.#packet())
			rows.push(strings(packet));
		return rows;
	}
}

// The strings of a row; each is shorter than 251 bytes.
function strings(packet) {
	const list = [];
	for (let at = 0; at < packet.length; at += packet[at] + 1)
		list.push(packet.toString("utf8", at + 1, at + 1 + packet[at]));
	return list;
}

const connected = (port) => new Promise((resolve) => {
	const socket = connect(port, "127.0.0.1", () => resolve(new Connection(socket).greet()));
	socket.on("error", () => resolve(null));
});

// Indexes the rows and starts searchd. Returns { ask, stop }: ask(match, from)
// finds the newest 50 and counts all, as [milliseconds, null, hits, rows].
export async function startSphinx(parent, rows, columns) {
	const folder = path.join(parent, "sphinx"), port = await freePort();
	const file = path.join(folder, "sphinx.conf");
	mkdirSync(folder);
	writeFileSync(file, configuration(folder, rows, columns, port));
	await run("indexer", ["--config", file, "--quiet", "--all"]);
	const child = spawn("searchd", ["--config", file, "--nodetach"], { stdio: "ignore" });
	const forget = atEnd(() => child.kill());
	const connection = await until("searchd", () => connected(port));
	return {
		async ask(match, from) {
			const start = performance.now();
			const page = await connection.ask(`select id from calls where match('${match}') and id >= ${from} ` +
			    "order by id desc limit 50 option ranker=none");
			const meta = Object.fromEntries(await connection.ask("show meta"));
			return [performance.now() - start, null, Number(meta.total_found), page.length];
		},
		stop() {
			forget();
			connection.socket.destroy();
			child.kill();
		},
	};
}
