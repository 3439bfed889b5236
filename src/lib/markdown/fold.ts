import { MAX_NESTING } from './limits.ts';
import type { Block, FoldMark, Inline } from './tree.ts';

export type Flat = Block | FoldMark;

interface Open {
	summary: Inline[] | null;
	children: Block[];
}

export function isMark(block: Flat): block is FoldMark {
	return block.type === 'fold-start' || block.type === 'fold-end' || block.type === 'summary';
}

/**
 * Folds the blocks between `<details>` and its closing tag into one. Without a closing tag, the fold ends with the text;
 * a closing tag alone is text. Returns the same array if there is nothing to fold.
 */
export function folded(blocks: Flat[]): Block[] {
	if (!blocks.some(isMark)) return blocks as Block[];
	const outermost: Open = { summary: null, children: [] };
	const open: Open[] = [outermost];
	let inner = outermost;
	const close = (closed: boolean) => {
		open.pop();
		const { summary, children } = inner;
		inner = open.at(-1) ?? outermost;
		inner.children.push({ type: 'fold', summary: summary ?? [], children, closed });
	};
	for (const block of blocks) {
		if (!isMark(block)) inner.children.push(block);
		else if (block.type === 'fold-start' && open.length <= MAX_NESTING) {
			inner = { summary: null, children: [] };
			open.push(inner);
		} else if (block.type === 'fold-end' && open.length > 1) close(true);
		else if (block.type === 'summary' && open.length > 1 && isNew(inner))
			inner.summary = block.children;
		else inner.children.push({ type: 'plain', text: block.raw.trim() });
	}
	while (open.length > 1) close(false);
	return outermost.children;
}

function isNew({ summary, children }: Open): boolean {
	return summary === null && children.length === 0;
}
