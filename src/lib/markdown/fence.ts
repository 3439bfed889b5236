const OPENING = /^( {0,3})(`{3,}|~{3,})[^\n]*(?:\n|$)/;

/** The opening line of a fenced block: what its body starts after, is indented by, and is closed by. */
export interface Fence {
	bodyStart: number;
	indent: number;
	closing: RegExp;
}

export function openFence(raw: string): Fence | null {
	const match = OPENING.exec(raw);
	if (!match?.[2]) return null;
	return {
		bodyStart: match[0].length,
		indent: match[1]?.length ?? 0,
		closing: new RegExp(`^ {0,3}${match[2].charAt(0)}{${match[2].length},} *$`)
	};
}

/** The code in `body`, which may end in a closing line. */
export function fencedText(fence: Fence, body: string): string {
	const lastLine = body.lastIndexOf('\n', body.length - (body.endsWith('\n') ? 2 : 1)) + 1;
	const closed = fence.closing.test(body.slice(lastLine).replace(/\n$/, ''));
	const code = (closed ? body.slice(0, lastLine) : body).replace(/\n$/, '');
	return fence.indent ? code.replace(new RegExp(`^ {1,${fence.indent}}`, 'gm'), '') : code;
}
