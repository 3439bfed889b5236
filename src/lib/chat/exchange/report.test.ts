import { describe, expect, test } from 'vitest';
import type { Import } from './import.ts';
import {
	headlineOf,
	leftOutOf,
	NO_REPORT,
	outcomeOf,
	sentenceOf,
	withImport,
	withRefusal
} from './report.ts';

const found = (more: Partial<Import> = {}): Import => ({
	formats: ['llama.cpp'],
	conversations: [{ id: 'a' } as Import['conversations'][0]],
	messages: 4,
	gaps: [],
	...more
});

describe('what came of an import', () => {
	test('is a success when nothing was lost', () => {
		const report = withImport(NO_REPORT, found());
		expect(outcomeOf(report)).toBe('whole');
		expect(headlineOf(report)).toBe('Imported 1 conversation with 4 messages from llama.cpp.');
		expect(leftOutOf(report)).toBeNull();
	});

	test('is nothing, from nowhere, when no file could be read', () => {
		const report = withRefusal(NO_REPORT, 'x.json', 'This file is not JSON.');
		expect(headlineOf(report)).toBe('Nothing was imported.');
		expect(headlineOf(withImport(report, found({ conversations: [], messages: 0 })))).toBe(
			'Nothing was imported from llama.cpp.'
		);
	});

	test('is none when texts were lost, and what was left out is counted by kind', () => {
		const report = withRefusal(
			withImport(
				withImport(NO_REPORT, found()),
				found({
					formats: ['Jan'],
					messages: 1,
					gaps: [
						{ where: 'Bread', kind: 'message', why: 'messages without any text', count: 2 },
						{ where: 'conversation 3', kind: 'conversation', why: 'it is empty', count: 1 },
						{ where: 'Bread', kind: 'part', why: 'attached documents', count: 3 }
					]
				})
			),
			'x.json',
			'This file is not JSON.'
		);
		expect(outcomeOf(report)).toBe('partial');
		expect(headlineOf(report)).toBe(
			'Imported in part from llama.cpp and Jan: 2 conversations with 5 messages.'
		);
		expect(leftOutOf(report)).toBe('Left out: 1 file, 1 conversation, 2 messages and 3 details.');
		expect(report.gaps.map(sentenceOf)).toEqual([
			'Bread: messages without any text (2)',
			'conversation 3: it is empty',
			'Bread: attached documents (3)'
		]);
		expect(report.refused).toEqual(['x.json: This file is not JSON.']);
	});

	test('is in part when one thing was left out, or one file was refused', () => {
		const gap = { where: 'Bread', kind: 'part', why: 'attached documents', count: 1 } as const;
		expect(outcomeOf(withImport(NO_REPORT, found({ gaps: [gap] })))).toBe('partial');
		expect(outcomeOf(withRefusal(withImport(NO_REPORT, found()), 'x.json', 'No.'))).toBe('partial');
	});

	test('is nothing when no conversation came in', () => {
		const report = withImport(NO_REPORT, found({ conversations: [], messages: 0 }));
		expect(outcomeOf(report)).toBe('nothing');
		expect(headlineOf(report)).toBe('Nothing was imported from llama.cpp.');
	});
});
