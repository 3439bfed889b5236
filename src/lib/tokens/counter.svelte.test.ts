import { Tokenizer } from '@mlc-ai/web-tokenizers';
import { describe, expect, test } from 'vitest';
import POCKET from '#plan/models/generated/pocket.json';
import { promptPieces, type ChatTemplate } from '#plan/models/template.ts';
import { ANSWERS } from '../markdown/answers.fixture.ts';
import { FIXTURES } from '../markdown/documents.fixture.ts';
import { TokenCounter } from './counter.ts';
import { gemma, llama2, llama3, qwen, smolLm } from './tokenizers.fixture.ts';

const pocket = async (): Promise<object> => {
	const response = await fetch(`/pocket/${POCKET.hash}/q4f16_1/resolve/main/tokenizer.json`);
	return (await response.json()) as object;
};

const PER_SCRIPT = 25;
const paragraphs = (texts: readonly string[]) =>
	texts.flatMap((text) => text.split('\n\n')).filter((text) => text.trim() !== '');
/** Seven scripts, and Latin in the eighth; with marks of Markdown, code, digits and empty lines. */
const SCRIPTS = {
	...Object.fromEntries(
		Object.entries(ANSWERS).map(([name, { answers }]) => [
			name,
			paragraphs(answers.map(({ text }) => text))
		])
	),
	Latin: paragraphs(FIXTURES)
};
/** Every eighth of what was trained on; the rest is new to the tokenizer. */
const TRAINED = Object.values(SCRIPTS).flatMap((texts) => texts.filter((_, i) => i % 8 === 0));
const TEXTS = Object.values(SCRIPTS).flatMap((texts) => texts.slice(0, PER_SCRIPT));
const ODD = [
	'',
	' ',
	'\n\n\n',
	'   leading and trailing   ',
	'tab\tand\r\nline',
	'naïve ﬁne Å Å',
	'👩‍👩‍👧‍👦 🇩🇪 ✨',
	'1234567 3.14159 1,000',
	"don't WE'LL he'd",
	'<|im_start|>user\nspecial in the middle<|im_end|>\n',
	'<start_of_turn>model\n<unk></s>',
	'a'.repeat(3000)
];

const TEMPLATE: ChatTemplate = {
	system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
	system_message: 'You are helpful.',
	roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant' },
	role_content_sep: '\n',
	role_empty_sep: '\n',
	seps: ['<|im_end|>\n'],
	stop_str: [],
	stop_token_ids: []
};

const FORMATS: Record<string, (texts: readonly string[]) => object | Promise<object>> = {
	pocket,
	qwen,
	llama3,
	smolLm,
	gemma,
	llama2
};

describe.each(Object.entries(FORMATS))('a tokenizer.json as of %s', (_, make) => {
	test('gives the counts of the engine’s own tokenizer, for texts in eight scripts and a prompt', async () => {
		const json = await make(TRAINED);
		const bytes = new TextEncoder().encode(JSON.stringify(json));
		const engine = await Tokenizer.fromJSON(bytes.buffer);
		const counter = new TokenCounter(json);
		expect(Object.keys(SCRIPTS).length).toBeGreaterThanOrEqual(8);
		expect(TEXTS.length).toBeGreaterThanOrEqual(200);
		const prompt = promptPieces(
			TEMPLATE,
			'',
			TEXTS.slice(0, 9).map((text, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', text }))
		);
		const differences = [...TEXTS, ...ODD, ...prompt].flatMap((text) => {
			const [expected, found] = [engine.encode(text).length, counter.count(text)];
			return expected === found ? [] : [{ text, expected, found }];
		});
		expect(differences).toEqual([]);
		engine.dispose();
	});
});

test('a count by another family’s tokenizer is another one', async () => {
	const bytes = new TextEncoder().encode(JSON.stringify(llama3(TRAINED)));
	const engine = await Tokenizer.fromJSON(bytes.buffer);
	const counter = new TokenCounter(gemma(TRAINED));
	const same = TEXTS.filter((text) => engine.encode(text).length === counter.count(text));
	expect(same.length).toBeLessThan(TEXTS.length / 2);
	engine.dispose();
});
