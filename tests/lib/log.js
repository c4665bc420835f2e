// Reads lines of the log.

// Reads a line of text: level and fields. Throws when it has another form.
export function readText(line) {
	const head = /^(?:<(?<priority>\d)>|(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) )(?<level>info|warn|error|fatal) /.exec(line);
	if (head === null)
		throw new Error(`no date or priority, or no level: ${line}`);
	const fields = { ...head.groups };
	let rest = line.slice(head[0].length);
	while (rest !== "") {
		const field = /^([\w]+)=(?:"((?:[^"\\]|\\["\\]|\\x[0-9a-f]{2})*)"|([!#-<>-[\]-~]+))(?: (?=.)|$)/.exec(rest);
		if (field === null || field[1] in fields)
			throw new Error(`not key=value, or a key twice: ${rest} of ${line}`);
		fields[field[1]] = field[2] ?? field[3];
		rest = rest.slice(field[0].length);
	}
	if (!Object.keys(fields).includes("event"))
		throw new Error(`no event: ${line}`);
	return fields;
}

// Reads a line of JSON, whose first keys are the date and the level.
export function readJson(line) {
	const fields = JSON.parse(line);
	if (!/^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"(info|warn|error|fatal)","event":"/.test(line))
		throw new Error(`wrong first keys: ${line}`);
	return fields;
}

// The complete lines of a text.
export const lines = (text) => text.split("\n").slice(0, -1);
