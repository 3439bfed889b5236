import { expect, test } from 'vitest';
import { readCorpus, storedAnswers } from '../training/corpus.ts';
import { final, finalOfftopic, fresh, freshOfftopic, held, offtopic } from './quality/sets.ts';

const corpus = readCorpus();
const plain = (text: string) =>
	text
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, ' ')
		.trim();

test('the corpus has at least 60 topics of about 20 phrasings', () => {
	expect(corpus.topics.length).toBeGreaterThanOrEqual(60);
	for (const { id, phrasings } of corpus.topics)
		expect(phrasings.length, id).toBeGreaterThanOrEqual(18);
});
test('answers are whole sentences without figures, and tell themselves apart at once', () => {
	const answers = storedAnswers(corpus);
	for (const { text } of answers) {
		expect(text).toMatch(/[.!?]$/);
		// Names of quantizations aside.
		expect(text.replace(/\bq\d(f\d\d)?\b|\b[fF](16|32)\b/g, '')).not.toMatch(/\d/);
	}
	const beginnings = answers.map(({ text }) => text.split(' ').slice(0, 3).join(' '));
	expect(new Set(beginnings).size).toBe(answers.length);
});
test('every topic is tested with phrasings that are not in the corpus', () => {
	const known = new Set([
		...corpus.topics.flatMap((t) => [...t.phrasings, ...t.nouns]).map(plain),
		...corpus.followUpPhrasings.map(plain)
	]);
	const ids = corpus.topics.map((t) => t.id).sort();
	for (const [set, count] of [
		[held, 3],
		[fresh, 1],
		[final, 1]
	] as const) {
		expect(set.map((q) => q.id).sort()).toEqual(ids.flatMap((id) => Array<string>(count).fill(id)));
		for (const { text } of set) expect(known, text).not.toContain(plain(text));
	}
	const all = [...held, ...fresh, ...final].map((q) => plain(q.text));
	expect(new Set(all).size).toBe(all.length);
});
test('no off-topic prompt of the tests is built like one of the training', () => {
	const frames = corpus.fallback.frames
		.filter((frame) => plain(frame.replace(/\{.\}/g, '')) !== '')
		.map(
			(frame) =>
				new RegExp(
					`^${plain(frame.replace(/\{.\}/g, 'slot')).replaceAll('slot', '[\\p{L}\\p{N}]+')}$`,
					'u'
				)
		);
	expect(offtopic).toHaveLength(100);
	for (const { text } of [...offtopic, ...freshOfftopic, ...finalOfftopic])
		expect(
			frames.filter((frame) => frame.test(plain(text))),
			text
		).toEqual([]);
});
