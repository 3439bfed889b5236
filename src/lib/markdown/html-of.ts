import type { Block, Inline, Item } from './tree.ts';

// For tests: the tree written as the CommonMark specification writes its examples.

export function htmlOf(blocks: Block[]): string {
	return blocks.map(blockHtml).join('');
}

function blockHtml(block: Block): string {
	switch (block.type) {
		case 'paragraph':
			return `<p>${inlineHtml(block.children)}</p>\n`;
		case 'line':
			return `${inlineHtml(block.children)}\n`;
		case 'heading':
			return `<h${block.level}>${inlineHtml(block.children)}</h${block.level}>\n`;
		case 'code': {
			const language = block.language ? ` class="language-${escaped(block.language)}"` : '';
			return `<pre><code${language}>${escaped(block.text)}${block.text ? '\n' : ''}</code></pre>\n`;
		}
		case 'quote':
			return `<blockquote>\n${htmlOf(block.children)}</blockquote>\n`;
		case 'list': {
			const tag = block.ordered ? 'ol' : 'ul';
			const start = block.ordered && block.start !== 1 ? ` start="${block.start}"` : '';
			return `<${tag}${start}>\n${block.items.map(itemHtml).join('')}</${tag}>\n`;
		}
		case 'table': {
			const row = (cells: Inline[][], tag: string) =>
				`<tr>\n${cells.map((cell) => `<${tag}>${inlineHtml(cell)}</${tag}>\n`).join('')}</tr>\n`;
			const head = `<thead>\n${row(block.header, 'th')}</thead>\n`;
			const body = block.rows.map((cells) => row(cells, 'td')).join('');
			return `<table>\n${head}${body ? `<tbody>\n${body}</tbody>\n` : ''}</table>\n`;
		}
		case 'rule':
			return '<hr />\n';
		case 'formula':
			return `<math display="block">${escaped(block.source)}</math>\n`;
		case 'fold': {
			const open = block.closed ? '' : ' open=""';
			const summary = `<summary>${inlineHtml(block.summary)}</summary>`;
			return `<details${open}>\n${summary}\n${htmlOf(block.children)}</details>\n`;
		}
		case 'plain':
			return `${escaped(block.text)}\n`;
	}
}

function itemHtml(item: Item): string {
	const inner = htmlOf(item.children);
	// The specification breaks the line before a block, and not before or after a tight item's text.
	const first = item.children[0];
	const last = item.children.at(-1);
	const start = first && first.type !== 'line' ? '\n' : '';
	const box = item.checked === null ? '' : `<input${item.checked ? ' checked=""' : ''}> `;
	return `<li>${box}${start}${last?.type === 'line' ? inner.slice(0, -1) : inner}</li>\n`;
}

function inlineHtml(nodes: Inline[]): string {
	return nodes.map(nodeHtml).join('');
}

function nodeHtml(node: Inline): string {
	switch (node.type) {
		case 'text':
			return escaped(node.text);
		case 'strong':
			return `<strong>${inlineHtml(node.children)}</strong>`;
		case 'emphasis':
			return `<em>${inlineHtml(node.children)}</em>`;
		case 'strike':
			return `<del>${inlineHtml(node.children)}</del>`;
		case 'code':
			return `<code>${escaped(node.text)}</code>`;
		case 'break':
			return '<br />\n';
		case 'formula':
			return `<math>${escaped(node.source)}</math>`;
		case 'element':
			return `<${node.tag}>${inlineHtml(node.children)}</${node.tag}>`;
		case 'link':
			return `<a href="${address(node.destination)}"${title(node.title)}>${inlineHtml(node.children)}</a>`;
		case 'image':
			return `<img src="${address(node.destination)}" alt="${escaped(node.alt)}"${title(node.title)} />`;
	}
}

function title(text: string): string {
	return text ? ` title="${escaped(text)}"` : '';
}

/** What the specification percent-encodes. */
function address(destination: string): string {
	return escaped(encodeURI(destination).replaceAll('%25', '%'));
}

function escaped(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
}
