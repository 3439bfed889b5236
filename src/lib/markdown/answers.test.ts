import { describe, expect, test } from 'vitest';
import { ANSWERS } from './answers.fixture.ts';
import { BlockStream, parse } from './blocks.ts';
import { directionOf } from './direction.ts';
import type { Block, Inline } from './tree.ts';

function inlinesOf(block: Block): Inline[][] {
	switch (block.type) {
		case 'paragraph':
		case 'line':
		case 'heading':
			return [block.children];
		case 'quote':
			return block.children.flatMap(inlinesOf);
		case 'fold':
			return [block.summary, ...block.children.flatMap(inlinesOf)];
		case 'list':
			return block.items.flatMap((item) => item.children.flatMap(inlinesOf));
		case 'table':
			return [block.header, ...block.rows].flat();
		case 'formula':
			return [[{ type: 'formula', source: block.source, display: true }]];
		case 'code':
		case 'plain':
		case 'rule':
			return [];
	}
}

function nodesOf(nodes: Inline[]): Inline[] {
	return nodes.flatMap((node) => [node, ...('children' in node ? nodesOf(node.children) : [])]);
}

/** The words of `nodes`; code keeps its backticks. */
function wordsOf(nodes: Inline[]): string {
	return nodes
		.map((node) => {
			if (node.type === 'text') return node.text;
			if (node.type === 'code') return `\`${node.text}\``;
			return 'children' in node ? wordsOf(node.children) : '';
		})
		.join('');
}

function everyCharacter(text: string): Block[] {
	const stream = new BlockStream();
	for (let end = 1; end <= text.length; end++) stream.update(text.slice(0, end));
	return stream.update(text);
}

test('there are at least sixty answers, no two of them alike', () => {
	const texts = Object.values(ANSWERS).flatMap(({ answers }) => answers.map(({ text }) => text));
	expect(new Set(texts).size).toBe(texts.length);
	expect(texts.length).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(ANSWERS))('an answer in %s', (_, { direction, answers }) => {
	describe.each(answers)('$about', (answer) => {
		const blocks = parse(answer.text);
		const nodes = blocks.flatMap(inlinesOf).flatMap(nodesOf);
		const words = (type: Inline['type']) =>
			nodes.flatMap((node) =>
				node.type === type && 'children' in node ? [wordsOf(node.children)] : []
			);

		test('streamed by the character equals one-shot', () => {
			expect(everyCharacter(answer.text)).toEqual(blocks);
		});

		test('has its emphasis and strikethrough', () => {
			expect(words('strong')).toEqual(answer.bold ?? []);
			expect(words('emphasis')).toEqual(answer.italic ?? []);
			expect(words('strike')).toEqual(answer.struck ?? []);
		});

		test('has its links and formulas', () => {
			const links = nodes.flatMap((node) => (node.type === 'link' ? [node.destination] : []));
			const formulas = nodes.flatMap((node) => (node.type === 'formula' ? [node.source] : []));
			expect(links).toEqual(answer.links ?? []);
			expect(formulas).toEqual(answer.formulas ?? []);
		});

		test('shows no Markdown marks and no tags', () => {
			const texts = nodes.flatMap((node) => (node.type === 'text' ? [node.text] : []));
			for (const text of texts) expect(text).not.toMatch(/\*\*|~~|<\/?(?:br|sub|sup|kbd|u|mark)\b/);
			expect(blocks.filter(({ type }) => type === 'plain')).toEqual([]);
		});

		test('has its direction', () => {
			for (const [i, block] of blocks.entries()) {
				const expected = answer.leftToRight?.includes(i) ? 'ltr' : direction;
				expect([expected, null]).toContain(directionOf(block));
			}
			expect(blocks.map(directionOf)).toContain(direction);
		});

		if (answer.lists !== undefined)
			test('has its lists', () => {
				expect(blocks.filter(({ type }) => type === 'list')).toHaveLength(answer.lists ?? 0);
			});
	});
});
