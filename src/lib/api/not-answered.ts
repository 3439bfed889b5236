import type { CallName } from './schemas.ts';

/** A field of OpenAI's that would change the answer, and the values of it that ask for nothing beside what is done. */
interface NotAnswered {
	means: string;
	harmless: (value: unknown) => boolean;
}

const isEmpty = (value: unknown): boolean =>
	typeof value === 'object' && value !== null && Object.keys(value).length === 0;
const only =
	(...values: unknown[]) =>
	(value: unknown) =>
		values.includes(value);

const BOTH: Readonly<Record<string, NotAnswered>> = {
	n: { means: 'more than one answer', harmless: only(1) },
	logit_bias: { means: 'a bias on tokens', harmless: isEmpty }
};
const FIELDS: Readonly<Partial<Record<CallName, Readonly<Record<string, NotAnswered>>>>> = {
	chat: {
		...BOTH,
		tools: { means: 'calls of tools', harmless: isEmpty },
		tool_choice: { means: 'calls of tools', harmless: only('none', 'auto') },
		functions: { means: 'calls of functions', harmless: isEmpty },
		function_call: { means: 'calls of functions', harmless: only('none', 'auto') },
		logprobs: { means: 'probabilities of tokens', harmless: only(false) },
		top_logprobs: { means: 'probabilities of tokens', harmless: only(0) },
		modalities: {
			means: 'answers other than text',
			harmless: (value) => Array.isArray(value) && value.every((each) => each === 'text')
		},
		audio: { means: 'answers other than text', harmless: isEmpty },
		web_search_options: { means: 'a search of the web', harmless: () => false }
	},
	generate: {
		...BOTH,
		best_of: { means: 'more than one answer', harmless: only(1) },
		echo: { means: 'the prompt in the answer', harmless: only(false) },
		suffix: { means: 'a text after the answer', harmless: only('') },
		logprobs: { means: 'probabilities of tokens', harmless: () => false }
	}
};

/**
 * The first field of an input that is not in its schema and would change the answer; null: there is none. Other unknown
 * fields, such as `user`, are left alone: clients of OpenAI send them.
 */
export function notAnswered(
	name: CallName,
	input: unknown
): { field: string; means: string } | null {
	if (typeof input !== 'object' || input === null) return null;
	const given = new Map(Object.entries(input));
	for (const [field, { means, harmless }] of Object.entries(FIELDS[name] ?? {})) {
		const value = given.get(field) as unknown;
		if (value !== undefined && value !== null && !harmless(value)) return { field, means };
	}
	return null;
}
