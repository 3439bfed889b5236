#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { run } from '../dist/command.js';

const { version } = JSON.parse(
	readFileSync(new URL('../dist/webllm.json', import.meta.url), 'utf8')
);
const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
const { out, err, code } = run(process.argv.slice(2), { colour, webllm: version });
process.stdout.write(out);
process.stderr.write(err);
process.exitCode = code;
