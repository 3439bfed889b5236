import { describe, expect, test } from 'vitest';
import {
	defaultSampling,
	parsePartialSampling,
	parseSampling,
	samplingRanges,
	schemaOf
} from './sampling.ts';

describe('what is stored or imported', () => {
	// The engine's own bounds (0.2.86) for temperature, top_p and penalties; ours for the rest.
	test.each([
		['temperature', 0, 2],
		['topP', 0.01, 1],
		['presencePenalty', -2, 2],
		['frequencyPenalty', -2, 2],
		['repetitionPenalty', 0.5, 2],
		['maxTokens', 1, 131_072],
		// The largest signed number of 32 bits.
		['seed', 0, 2_147_483_647]
	])('has %s from %d to %d, and what is beyond is brought to the bound', (name, least, most) => {
		const read = (value: number) => parsePartialSampling({ [name]: value });
		expect(read(least)).toEqual({ [name]: least });
		expect(read(most)).toEqual({ [name]: most });
		expect(read(least - 0.001)).toEqual({ [name]: least });
		expect(read(-1e300)).toEqual({ [name]: least });
		expect(read(1e300)).toEqual({ [name]: most });
		for (const bad of [NaN, Infinity, -Infinity]) expect(read(bad)).toEqual({});
		expect(parsePartialSampling({ [name]: String(most) })).toEqual({});
	});

	test('has whole tokens and seeds, or none', () => {
		expect(parsePartialSampling({ maxTokens: 1.5, seed: 0.4 })).toEqual({ maxTokens: 2, seed: 0 });
		expect(parsePartialSampling({ maxTokens: null, seed: null })).toEqual({
			maxTokens: null,
			seed: null
		});
	});

	test('has up to 16 texts to stop at, each once, none of them empty', () => {
		const texts = Array.from({ length: 18 }, (_, i) => `stop ${i}`);
		expect(parsePartialSampling({ stop: ['', texts[0], texts[0], ...texts] }).stop).toEqual(
			texts.slice(0, 16)
		);
		const long = 'x'.repeat(200);
		expect(parsePartialSampling({ stop: [long] }).stop).toEqual([long]);
		expect(parsePartialSampling({ stop: [`${long}x`] })).toEqual({});
	});

	test('has a schema of up to a hundred thousand characters', () => {
		const json = (length: number) => ({ mode: 'schema' as const, schema: 'x'.repeat(length) });
		expect(parsePartialSampling({ json: json(100_000) })).toEqual({ json: json(100_000) });
		expect(parsePartialSampling({ json: json(100_001) })).toEqual({});
		expect(parsePartialSampling({ json: { mode: 'yaml', schema: '' } })).toEqual({});
	});

	test('loses a field that is damaged, and only that', () => {
		expect(parsePartialSampling({ temperature: 1, topP: 'high', thinking: true })).toEqual({
			temperature: 1,
			thinking: true
		});
		expect(parsePartialSampling(null)).toEqual({});
	});

	test('changes the defaults where it says something', () => {
		expect(parseSampling({})).toEqual(defaultSampling);
		expect(parseSampling({ topP: 0.5 })).toEqual({ ...defaultSampling, topP: 0.5 });
		const defaults = { ...defaultSampling, temperature: 1.5 };
		expect(parseSampling({ seed: 7 }, defaults)).toEqual({ ...defaults, seed: 7 });
	});
});

test('without a word of the person’s, answers vary a little and nothing is held back', () => {
	expect(defaultSampling).toEqual({
		temperature: 0.7,
		topP: 0.95,
		presencePenalty: 0,
		frequencyPenalty: 0,
		maxTokens: null,
		seed: null,
		stop: [],
		json: { mode: 'off', schema: '' }
	});
});

test('every default is one that its field can show', () => {
	const steps = Object.entries(samplingRanges).map(([name, { min, step }]) => {
		const value = { ...defaultSampling, repetitionPenalty: 1 }[name as keyof typeof samplingRanges];
		const from = ((value ?? min) - min) / step;
		return [name, Math.abs(from - Math.round(from)) < 1e-9, step];
	});
	expect(steps).toEqual([
		['temperature', true, 0.05],
		['topP', true, 0.01],
		['presencePenalty', true, 0.1],
		['frequencyPenalty', true, 0.1],
		['repetitionPenalty', true, 0.05],
		['maxTokens', true, 1],
		['seed', true, 1]
	]);
});

test('an answer is held to the schema only in the mode of that name', () => {
	expect(schemaOf({ mode: 'off', schema: '{"a":1}' })).toBeNull();
	expect(schemaOf({ mode: 'schema', schema: '{"a":1}' })).toBe('{"a":1}');
	expect(JSON.parse(schemaOf({ mode: 'json', schema: '{"a":1}' }) ?? '')).toEqual({
		type: 'object',
		additionalProperties: true
	});
});
