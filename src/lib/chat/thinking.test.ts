import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultSampling } from '../engine/sampling.ts';
import { openedBy, thinkingOf } from '#plan/models/thinking-marks.ts';
import { openedFor, partMessage, partThinking, samplingFor } from './thinking.ts';

const whole = (raw: string) => partThinking(raw, { ended: true });
const HARMONY =
	'<|channel|>analysis<|message|>2+2.<|end|><|start|>assistant<|channel|>final<|message|>Four.<|return|>';

describe('marks', () => {
	test.each([
		['<think>', '<think>\nhm\n</think>\n\nFour.', 'hm'],
		['in capitals', '<Think>hm</THINK>Four.', 'hm'],
		['<thinking>', '<thinking>hm</thinking>\nFour.', 'hm'],
		['<thought>', '<thought>hm</thought>Four.', 'hm'],
		['<reasoning>', '<reasoning>hm</reasoning>Four.', 'hm'],
		['[THINK]', '[THINK]Is it 4? Yes.[/THINK]Four.', 'Is it 4? Yes.'],
		['channels', HARMONY, '2+2.'],
		[
			'two channels',
			'<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|><|start|>assistant<|channel|>final<|message|>Four.',
			'a\n\nb'
		],
		[
			'channels without an end',
			'<|channel|>analysis<|message|>2+2.<|channel|>final<|message|>Four.',
			'2+2.'
		],
		['a header of its own', `<|start|>assistant${HARMONY}`, '2+2.'],
		['Gemma', '<|channel>thought\nhm<channel|>Four.', 'hm'],
		['Kimi', '◁think▷hm◁/think▷Four.', 'hm'],
		[
			'Command',
			'<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>Four.<|END_RESPONSE|>',
			'hm'
		],
		[
			'OpenThinker',
			'<|begin_of_thought|>hm<|end_of_thought|>\n\n<|begin_of_solution|>Four.<|end_of_solution|>',
			'hm'
		],
		['two thoughts', '<think>a</think>\n<think>b</think>\nFour.', 'a\n\nb'],
		['nothing thought', '<think>\n\n</think>\n\nFour.', ''],
		['none opened', 'Okay, they ask for 2+2.\n</think>\n\nFour.', 'Okay, they ask for 2+2.'],
		['none opened, on one line', 'Simple sum.</think>Four.', 'Simple sum.'],
		['none opened, between spaces', 'It is 4 </think> Four.', 'It is 4'],
		['none opened, [/THINK]', 'Simple sum.[/THINK]Four.', 'Simple sum.'],
		[
			'none opened, channels',
			'2+2.<|end|><|start|>assistant<|channel|>final<|message|>Four.',
			'2+2.'
		],
		[
			'none opened, after code',
			'Try `x` and\n```\ny\n```\n</think>\nFour.',
			'Try `x` and\n```\ny\n```'
		],
		['only the answer’s channel', '<|channel|>final<|message|>Four.<|end|>', null],
		['none at all', 'Four.', null]
	])('%s', (_, raw, thinking) => {
		expect(whole(raw)).toEqual({ thinking, thought: true, answer: 'Four.' });
	});

	test.each([
		'2 < 3',
		'<',
		'Write <think> to think.',
		'Models write <think>like this</think> first.',
		'The mark `</think>` ends a thought.',
		'The mark "</think>" ends a thought.',
		'The mark </think> ends a thought.',
		'Marks (</think>, [/THINK]) end thoughts.',
		'Like this:\n\n```html\n</think>\n```\n',
		'Like this:\n~~~\na</think>b\n~~~',
		'> </think>\n\nThat ends it.',
		'That is all.<|end|>'
	])('%j is all answer', (raw) => {
		expect(whole(raw)).toEqual({ thinking: null, thought: true, answer: raw });
	});

	test('those that follow the mark of the answer are text', () => {
		const answer = '<think>x</think>y';
		expect(whole(`<|channel|>final<|message|>${answer}`).answer).toBe(answer);
	});

	test('those that follow the first words of an answer are text', () => {
		const answer = 'Write\n```\n<think>x</think>\n```\nor </think> or\n</think>\nat the end.';
		expect(whole(`<think>hm</think>${answer}`).answer).toBe(answer);
	});
});

describe('a text that grows', () => {
	test('thinking is kept apart from the answer', () => {
		expect(partThinking('<think>hm')).toEqual({ thinking: 'hm', thought: false, answer: '' });
		expect(partThinking('<think>hm</thi')).toEqual({ thinking: 'hm', thought: false, answer: '' });
	});

	test('a thought that never ended stays one', () => {
		expect(whole('<think>hm, <')).toEqual({ thinking: 'hm, <', thought: false, answer: '' });
	});

	const pieces = fc.constantFrom(
		...[
			'<think>',
			'</think>',
			'<Thinking>',
			'</thinking>',
			'[THINK]',
			'[/THINK]',
			'`',
			'```',
			'\n'
		],
		...['<|channel|>analysis<|message|>', '<|end|>', '<|start|>assistant', '"', ' ', '> ', '\n\n'],
		...['<|channel|>final<|message|>', '<|return|>', 'a', 'It is 4.', 'so', '<', '</', '答案是四。']
	);
	const raws = fc.array(pieces, { maxLength: 14 }).map((each) => each.join(''));
	const openings = fc.constantFrom(null, openedBy('<think>\n'), openedBy('[THINK]'));

	test('nothing that was taken for an answer or a thought is taken back, but before a bare closing mark', () => {
		fc.assert(
			fc.property(raws, openings, (raw, opened) => {
				const last = partThinking(raw, { opened, ended: true });
				const bare = opened === null && whole(raw).thinking !== null;
				for (let end = 0; end <= raw.length; end++) {
					const { thinking, thought, answer } = partThinking(raw.slice(0, end), { opened });
					const begun = answer.trimEnd();
					if (thinking !== null) {
						expect(last.thinking ?? '').toContain(thinking);
						if (thought) expect(last.answer.startsWith(begun)).toBe(true);
					} else if (bare && begun !== '') {
						const rest = `${last.thinking ?? ''}\n\n${last.answer}`;
						expect(rest.startsWith(begun.trim()) || last.answer.startsWith(begun)).toBe(true);
					} else {
						expect(last.answer.startsWith(begun)).toBe(true);
					}
				}
			}),
			{ numRuns: 300 }
		);
	});

	test.each([
		HARMONY,
		'<think>a</think>b',
		'[THINK]a[/THINK]b',
		'a</think>b',
		'a </think> B',
		'2+2.<|end|><|start|>assistant<|channel|>final<|message|>Four.<|return|>'
	])('no piece of a mark in %j is ever shown', (raw) => {
		for (let end = 0; end <= raw.length; end++) {
			const { thinking, answer } = partThinking(raw.slice(0, end));
			expect(`${thinking ?? ''}${answer}`).not.toMatch(/[<[|]/);
		}
	});

	test('a long one with many marks takes as much longer as it is longer', () => {
		const marks = (count: number) => 'so `</think>` and\n'.repeat(count);
		/** Processor time of the fastest of a few runs: what runs beside it does not count. */
		const fastest = (raw: string) =>
			Math.min(
				...Array.from({ length: 7 }, () => {
					const before = process.cpuUsage();
					partThinking(raw);
					const { user, system } = process.cpuUsage(before);
					return user + system;
				})
			);
		// Going back over what was read would make it 64 times as long.
		expect(fastest(marks(40_000))).toBeLessThan(24 * fastest(marks(5_000)));
	});
});

describe('a template that ends in a mark', () => {
	const config = (replyHeader: string) => ({ replyHeader }) as Parameters<typeof openedFor>[0];

	test.each([
		['<|im_start|>assistant\n<think>\n', 'hm</think>Four.'],
		['<|im_start|>assistant\n<think>\n', '<think>\nhm</think>Four.'],
		['<|Assistant|><think>', 'hm\n</think>\n\nFour.'],
		['[/INST][THINK]', 'hm[/THINK]Four.'],
		[
			'<|start|>assistant<|channel|>analysis<|message|>',
			'hm<|end|><|start|>assistant<|channel|>final<|message|>Four.'
		]
	])('%j: the reply %j begins in thought', (header, raw) => {
		const opened = openedFor(config(header), defaultSampling);
		expect(partThinking(raw, { opened, ended: true })).toEqual({
			thinking: 'hm',
			thought: true,
			answer: 'Four.'
		});
		expect(partThinking('hm', { opened })).toEqual({ thinking: 'hm', thought: false, answer: '' });
	});

	test.each(['<|im_start|>assistant\n', '<|im_start|>assistant\n<think>\n\n</think>\n\n', ''])(
		'%j opens nothing',
		(header) => expect(openedFor(config(header), defaultSampling)).toBeNull()
	);

	test('nothing is opened where the answer is held to a grammar, or thinking is off', () => {
		const header = config('<think>\n');
		const json = { mode: 'json', schema: '' } as const;
		expect(openedFor(header, { ...defaultSampling, json })).toBeNull();
		expect(openedFor(header, { ...defaultSampling, thinking: false })).toBeNull();
		expect(openedFor(null, defaultSampling)).toBeNull();
	});
});

describe('the switch', () => {
	test.each([
		['Qwen3-0.6B', true],
		['Qwen3.5-4B', true],
		['Qwen3-4B-Thinking-2507', false],
		['DeepSeek-R1-Distill-Qwen-7B', false],
		['Ministral-3-3B-Reasoning-2512', false],
		['gpt-oss-20b', false],
		['Llama-3.2-1B-Instruct', undefined]
	])('%s: %s', (id, switchable) => {
		expect(thinkingOf(id)?.switchable).toBe(switchable);
	});

	test('is not passed on to an engine that does not have it', () => {
		const off = { ...defaultSampling, thinking: false };
		expect(samplingFor({ thinking: true }, off)).toBe(off);
		expect(samplingFor({ thinking: false }, off)).toEqual(defaultSampling);
	});
});

describe('a stored message', () => {
	test('is parted when it was stored with its marks', () => {
		expect(partMessage({ role: 'assistant', text: '[THINK]a[/THINK]b' })).toEqual({
			thinking: 'a',
			text: 'b'
		});
	});

	test('is left as it is when it is parted already, or no answer', () => {
		const text = 'a</think>b';
		expect(partMessage({ role: 'user', text }).text).toBe(text);
		expect(partMessage({ role: 'assistant', text, thinking: 'hm' })).toEqual({
			thinking: 'hm',
			text
		});
	});
});
