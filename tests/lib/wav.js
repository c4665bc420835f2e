// Makes small WAV files for tests: a tone per channel, PCM16 or G.711.
const formats = { pcm16: [1, 16], alaw: [6, 8], ulaw: [7, 8] };

// Encodes A-law (ITU-T G.711): sign, exponent, mantissa, even bits inverted.
function alaw(sample) {
	const sign = sample >= 0 ? 0x80 : 0;
	let magnitude = Math.min(Math.abs(sample) >> 3, 0xfff);
	let exponent = 0;
	for (let m = magnitude >> 5; m > 0; m >>= 1)
		exponent++;
	magnitude = exponent < 2 ? magnitude >> 1 : magnitude >> exponent;
	return (sign | exponent << 4 | magnitude & 0x0f) ^ 0x55;
}

// Encodes mu-law (ITU-T G.711): like A-law, with a bias and all bits inverted.
function ulaw(sample) {
	const sign = sample < 0 ? 0x80 : 0;
	const magnitude = Math.min(Math.abs(sample), 32635) + 132;
	const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
	return ~(sign | exponent << 4 | magnitude >> (exponent + 3) & 0x0f) & 0xff;
}

const quiet = { pcm16: 0, alaw: 0xd5, ulaw: 0xff };

// hertz: the tone of each channel, 0 for silence. when: from and to in seconds
// of each tone, default always. The last file is kept, as many calls use the
// same one.
let last = { key: "" };
export function wav({ format = "alaw", rate = 8000, seconds = 2, hertz = [440, 660], when } = {}) {
	const key = JSON.stringify([format, rate, seconds, hertz, when]);
	if (last.key !== key)
		last = { key, bytes: make({ format, rate, seconds, hertz, when }) };
	return last.bytes;
}

function make({ format, rate, seconds, hertz, when }) {
	const [tag, bits] = formats[format];
	const bytes = bits / 8, channels = hertz.length;
	const samples = Math.round(seconds * rate);
	const data = Buffer.alloc(samples * channels * bytes, quiet[format]);
	for (let i = 0; i < samples && hertz.some((f) => f > 0); i++)
		hertz.forEach((f, channel) => {
			const [from, to] = when?.[channel] ?? [0, seconds];
			if (i < from * rate || i >= to * rate)
				return;
			const sample = Math.round(8000 * Math.sin(2 * Math.PI * f * i / rate));
			const at = (i * channels + channel) * bytes;
			if (format === "pcm16")
				data.writeInt16LE(sample, at);
			else
				data[at] = format === "alaw" ? alaw(sample) : ulaw(sample);
		});
	const head = Buffer.alloc(44);
	head.write("RIFF", 0);
	head.writeUInt32LE(36 + data.length, 4);
	head.write("WAVEfmt ", 8);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(tag, 20);
	head.writeUInt16LE(channels, 22);
	head.writeUInt32LE(rate, 24);
	head.writeUInt32LE(rate * channels * bytes, 28);
	head.writeUInt16LE(channels * bytes, 32);
	head.writeUInt16LE(bits, 34);
	head.write("data", 36);
	head.writeUInt32LE(data.length, 40);
	return Buffer.concat([head, data]);
}
