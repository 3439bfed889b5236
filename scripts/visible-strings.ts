import { parse } from 'svelte/compiler';
import ts from 'typescript';

/** What stands for a value that is only known when the page runs. */
export const VALUE = '{…}';

/** Attributes that people read or hear. */
const READ_ATTRIBUTES = new Set([
	'aria-label',
	'alt',
	'label',
	'name',
	'placeholder',
	'title',
	'words'
]);
/** Elements that belong to the sentence around them. */
const INLINE = new Set(['a', 'abbr', 'b', 'code', 'em', 'i', 'kbd', 'small', 'span', 'strong']);

interface Node {
	type: string;
	[key: string]: unknown;
}

/** All that a component can show, once each, in the order of the source: of its markup and of its script. */
export function stringsOfComponent(source: string): string[] {
	const root = parse(source, { modern: true }) as unknown as {
		fragment: Node;
		instance: Node | null;
	};
	const found = new Set<string>(scriptOf(source).flatMap(stringsOfModule));
	const add = (text: string) => {
		const line = text.replace(/\s+/g, ' ').trim();
		if (isRead(line)) found.add(line);
	};
	/** The text of a run of nodes; what is no part of the sentence is visited on its own. */
	const textOf = (nodes: Node[]): string =>
		nodes
			.map((node) => {
				if (node.type === 'Text') return node.data as string;
				if (node.type === 'ExpressionTag') {
					visitExpression(node.expression as Node);
					return VALUE;
				}
				if (node.type === 'RegularElement' && INLINE.has(node.name as string)) {
					visitAttributes(node);
					return textOf(childrenOf(node));
				}
				if (node.type === 'Comment') return '';
				visit(node);
				return '\n';
			})
			.join('');
	/** A line that begins in lower case goes on with the sentence before it. */
	const visitRun = (nodes: Node[]) => {
		for (const line of textOf(nodes).split(/\n(?!\s*[a-z{(])/)) add(line);
	};
	const visitAttributes = (node: Node) => {
		for (const attribute of (node.attributes ?? []) as Node[]) {
			if (attribute.type !== 'Attribute') continue;
			const value = attribute.value as true | Node | Node[];
			if (value === true) continue;
			const parts = Array.isArray(value) ? value : [value];
			for (const part of parts)
				if (part.type === 'ExpressionTag') visitExpression(part.expression as Node);
			if (READ_ATTRIBUTES.has(attribute.name as string))
				add(parts.map((part) => (part.type === 'Text' ? (part.data as string) : VALUE)).join(''));
		}
	};
	const visitExpression = (node: Node) => {
		if (typeof node.start === 'number' && typeof node.end === 'number')
			for (const each of stringsOfModule(`(${source.slice(node.start, node.end)})`))
				found.add(each);
	};
	const visit = (node: Node) => {
		visitAttributes(node);
		for (const key of ['expression', 'test']) {
			const expression = node[key];
			if (node.type !== 'EachBlock' && isNode(expression)) visitExpression(expression);
		}
		for (const key of [
			'fragment',
			'consequent',
			'alternate',
			'body',
			'pending',
			'then',
			'catch',
			'fallback'
		]) {
			const fragment = node[key];
			if (isNode(fragment) && Array.isArray(fragment.nodes)) visitRun(fragment.nodes as Node[]);
		}
	};
	visitRun(childrenOf({ type: 'Root', fragment: root.fragment }));
	return [...found];
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function childrenOf(node: Node): Node[] {
	const fragment = node.fragment as { nodes?: Node[] } | undefined;
	return fragment?.nodes ?? [];
}

function scriptOf(source: string): string[] {
	return [...source.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(
		([, script = '']) => script
	);
}

/** The sentences and labels among a module's string literals; names, keys, selectors and types are left out. */
export function stringsOfModule(source: string): string[] {
	const file = ts.createSourceFile('module.ts', source, ts.ScriptTarget.Latest, true);
	const found = new Set<string>();
	const add = (text: string) => {
		const line = text.replace(/\s+/g, ' ').trim();
		if (isProse(line)) found.add(line);
	};
	const visit = (node: ts.Node): void => {
		if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
		if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
			const callee = node.expression.getText(file);
			if (/^console\.|\.(?:querySelector(?:All)?|closest|matches)$/.test(callee)) return;
		}
		if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) add(node.text);
		else if (ts.isTemplateExpression(node)) {
			add(node.head.text + node.templateSpans.map(({ literal }) => VALUE + literal.text).join(''));
			for (const { expression } of node.templateSpans) visit(expression);
			return;
		}
		ts.forEachChild(node, visit);
	};
	visit(file);
	return [...found];
}

/** Something to read, not only values and signs. */
const isRead = (text: string) => /\p{L}/u.test(text.replaceAll(VALUE, ''));

/** In code a literal may be anything: what has a space between words, or is one capitalized word. */
function isProse(text: string): boolean {
	const bare = text.replaceAll(VALUE, '').trim();
	if (/^[A-Z][a-z]{2,}$/.test(bare)) return true;
	return (
		/\p{L}[\p{L}’',.;:)”]* [“(]?\p{L}/u.test(text.replaceAll(VALUE, 'x')) &&
		isRead(text) &&
		!/[{}<>=;]\s|=>|^\(|--|\bvar\(/.test(bare)
	);
}
