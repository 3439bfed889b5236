export interface Parted {
	/** What stands between <think> and </think>; null: the model does not think aloud. */
	thinking: string | null;
	/** False while the closing tag has not come. */
	thought: boolean;
	answer: string;
}

const OPEN = '<think>';
const CLOSE = '</think>';

/** Parts the raw text of a thinking model. Only a text that begins with the tag is taken for one. */
export function partThinking(raw: string): Parted {
	const start = raw.trimStart();
	if (!start.startsWith(OPEN)) {
		// The tag may still be on its way: show nothing rather than a piece of it.
		const arriving = start.length < OPEN.length && start !== '' && OPEN.startsWith(start);
		return { thinking: null, thought: true, answer: arriving ? '' : raw };
	}
	const inside = start.slice(OPEN.length);
	const end = inside.indexOf(CLOSE);
	if (end < 0) return { thinking: inside.trim(), thought: false, answer: '' };
	return {
		thinking: inside.slice(0, end).trim(),
		thought: true,
		answer: inside.slice(end + CLOSE.length).trimStart()
	};
}
