import type { Aside } from '../conversation.ts';
import { fenced, readable, toolAside } from './asides.ts';
import { outputIn } from './details.ts';
import { idFrom, partedFrom, recordsIn, type Raw } from './foreign.ts';

export interface Output {
	text: string;
	thinking: string;
	asides: Aside[];
}

/**
 * Since 2026 Open WebUI keeps an answer as items in the form of OpenAI's Responses API, and `content` may be empty.
 * https://github.com/open-webui/open-webui, backend/open_webui/utils/misc.py, convert_output_to_messages
 */
export function outputFrom(output: unknown): Output | null {
	const items = recordsIn(output);
	if (items.length === 0) return null;
	const results = new Map(
		items
			.filter(({ type }) => type === 'function_call_output')
			.map((item) => [idFrom(item.call_id), partsText(item.output)] as const)
	);
	const texts: string[] = [];
	const thoughts: string[] = [];
	const asides: Aside[] = [];
	for (const item of items) {
		switch (item.type) {
			case 'message': {
				// Some models write their marks into the text itself.
				const {
					text,
					thinking,
					asides: inside = []
				} = partedFrom('assistant', partsText(item.content));
				texts.push(typeof text === 'string' ? text : '');
				if (thinking) thoughts.push(thinking);
				asides.push(...inside);
				break;
			}
			case 'reasoning':
				thoughts.push(partsText(item.summary) || partsText(item.content));
				break;
			case 'function_call':
				asides.push(
					toolAside(item.name, item.arguments, results.get(idFrom(item.call_id)) ?? null)
				);
				break;
			case 'function_call_output':
				break;
			case 'open_webui:code_interpreter':
				asides.push(codeAside(item));
				break;
			default:
				if (typeof item.type === 'string')
					asides.push({
						kind: 'other',
						title: item.type.slice(0, 200),
						text: fenced(readable(item))
					});
		}
	}
	const joined = (list: string[], by: string) => list.filter((each) => each.trim() !== '').join(by);
	return { text: joined(texts, '\n\n').trim(), thinking: joined(thoughts, '\n\n').trim(), asides };
}

function partsText(parts: unknown): string {
	if (typeof parts === 'string') return parts;
	return recordsIn(parts)
		.map(({ text }) => (typeof text === 'string' ? text : ''))
		.join('');
}

function codeAside(item: Raw): Aside {
	const code = typeof item.code === 'string' ? item.code : '';
	const language = typeof item.lang === 'string' ? item.lang.replace(/\W/g, '') : '';
	const output = item.output == null ? '' : readable(outputIn(item.output)).trim();
	return {
		kind: 'code',
		title: 'run',
		text: [
			code === '' ? null : fenced(code, language),
			output === '' ? null : `Output:\n\n${fenced(output)}`
		]
			.filter((each) => each !== null)
			.join('\n\n')
	};
}
