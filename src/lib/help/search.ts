import type { HelpBlock, HelpSection } from './sections.ts';

/** The sections that have every word of the query somewhere; all of them for an empty one. */
export function findSections(sections: readonly HelpSection[], query: string): HelpSection[] {
	const words = plain(query).split(/\s+/).filter(Boolean);
	return sections.filter((section) => {
		const text = plain(textOf(section));
		return words.every((word) => text.includes(word));
	});
}

/** Lower case, without accents and with plain quotation marks. */
const plain = (text: string): string =>
	text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[‘’]/g, "'").toLowerCase();

/** Everything that a section shows. */
export const textOf = ({ title, blocks }: HelpSection): string =>
	[title, ...blocks.flatMap(textsOf)].join('\n');

function textsOf(block: HelpBlock): readonly string[] {
	switch (block.kind) {
		case 'text':
			return [block.text];
		case 'steps':
		case 'list':
			return block.items;
		case 'table':
			return [...block.head, ...block.rows.flat()];
		case 'links':
			return block.links.map(({ text }) => text);
	}
}
