import { isRecord } from '../../kit/restore.ts';
import type { Aside } from '../conversation.ts';

/** A block of code that nothing inside can end. */
export function fenced(text: string, language = ''): string {
	const longest = (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
	const fence = '`'.repeat(longest + 1);
	return `${fence}${language}\n${text}\n${fence}`;
}

/** Whatever it is, to be read by people. */
export function readable(value: unknown): string {
	if (typeof value === 'string') return value;
	try {
		return JSON.stringify(value, null, 2) ?? '';
	} catch {
		return '(nested too deeply to show)';
	}
}

/** JSON in a text, as its value; other texts stay texts. */
export function unquoted(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

export function toolAside(name: unknown, input: unknown, output: unknown): Aside {
	const parts = [input, output].map((each) => {
		const text =
			each == null ? '' : readable(typeof each === 'string' ? unquoted(each) : each).trim();
		return text === '' || text === '{}' ? null : fenced(text);
	});
	const [asked, result] = parts;
	return {
		kind: 'tool',
		title: typeof name === 'string' && name !== '' ? name.slice(0, 200) : 'call',
		text: [asked, result && (asked ? `Result:\n\n${result}` : result)]
			.filter((each) => each !== null)
			.join('\n\n')
	};
}

/** Calls in the form of OpenAI's chat completions, which are stored as a list or as its JSON. */
export function toolCallsFrom(calls: unknown): Aside[] {
	const list = typeof calls === 'string' ? unquoted(calls) : calls;
	return (Array.isArray(list) ? (list as unknown[]) : []).filter(isRecord).map((call) => {
		const called = isRecord(call.function) ? call.function : call;
		return toolAside(called.name, called.arguments, null);
	});
}
