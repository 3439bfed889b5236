#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { commandLine } from '../dist/command-line.js';

const { version } = JSON.parse(
	readFileSync(new URL('../dist/webllm.json', import.meta.url), 'utf8')
);
const ending = new AbortController();
// A second one ends it at once.
process.once('SIGINT', () => ending.abort());

/**
 * @param {string} place
 * @param {number} mostBytes
 */
async function read(place, mostBytes) {
	const tooLarge = (bytes) =>
		new Error(`${place}: expected at most ${mostBytes} bytes, found ${bytes}.`);
	if (!/^https?:\/\//.test(place)) {
		const { size } = await stat(place);
		if (size > mostBytes) throw tooLarge(size);
		return readFile(place, { signal: ending.signal });
	}
	const response = await fetch(place, { signal: ending.signal }).catch(() => null);
	if (!response) throw new Error(`${place}: not reached.`);
	if (!response.ok)
		throw new Error(`${place}: expected the file, found status ${response.status}.`);
	const chunks = [];
	let bytes = 0;
	for await (const chunk of response.body ?? []) {
		bytes += chunk.length;
		if (bytes > mostBytes) throw tooLarge('more');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

process.exitCode = await commandLine(process.argv.slice(2), {
	colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
	webllm: version,
	env: process.env,
	readFile: read,
	signal: ending.signal,
	out: (text) => process.stdout.write(text),
	err: (text) => process.stderr.write(text)
});
