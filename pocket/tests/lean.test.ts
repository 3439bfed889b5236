import { describe, inject } from 'vitest';
import { variants } from '../model/architecture.ts';
import { describeLean } from './lean.ts';
import { tried } from './tried.ts';

const f16 = inject('f16Chromium');
const quantized = tried.filter((name) => variants[name].weights === 'q4');

describe.each(quantized.filter((name) => variants[name].float === 'f32'))('%s', (name) => {
	describeLean(name, () => inject('chromium').path);
});

const because = f16.path === undefined ? ` (skipped: ${f16.reason})` : '';
describe
	.skipIf(f16.path === undefined)
	.each(quantized.filter((name) => variants[name].float === 'f16'))(`%s${because}`, (name) => {
	describeLean(name, () => f16.path);
});
