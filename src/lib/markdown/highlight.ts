import type { LanguageFn } from 'highlight.js';
import type { createLowlight } from 'lowlight';

export interface ColoredText {
	text: string;
	/** A class of CodeBlock's, or '' for plain. */
	kind: Kind | '';
}

export type Kind = 'comment' | 'keyword' | 'string' | 'number' | 'name' | 'added' | 'removed';

type Loader = () => Promise<{ default: LanguageFn }>;

const GRAMMARS = {
	bash: () => import('highlight.js/lib/languages/bash'),
	c: () => import('highlight.js/lib/languages/c'),
	cpp: () => import('highlight.js/lib/languages/cpp'),
	csharp: () => import('highlight.js/lib/languages/csharp'),
	css: () => import('highlight.js/lib/languages/css'),
	diff: () => import('highlight.js/lib/languages/diff'),
	go: () => import('highlight.js/lib/languages/go'),
	java: () => import('highlight.js/lib/languages/java'),
	javascript: () => import('highlight.js/lib/languages/javascript'),
	json: () => import('highlight.js/lib/languages/json'),
	python: () => import('highlight.js/lib/languages/python'),
	rust: () => import('highlight.js/lib/languages/rust'),
	sql: () => import('highlight.js/lib/languages/sql'),
	typescript: () => import('highlight.js/lib/languages/typescript'),
	xml: () => import('highlight.js/lib/languages/xml'),
	yaml: () => import('highlight.js/lib/languages/yaml')
} satisfies Record<string, Loader>;

type Grammar = keyof typeof GRAMMARS;

const ALIASES = new Map<string, Grammar>([
	...(Object.keys(GRAMMARS) as Grammar[]).map((name): [string, Grammar] => [name, name]),
	['sh', 'bash'],
	['shell', 'bash'],
	['zsh', 'bash'],
	['console', 'bash'],
	['h', 'c'],
	['c++', 'cpp'],
	['cs', 'csharp'],
	['patch', 'diff'],
	['golang', 'go'],
	['js', 'javascript'],
	['jsx', 'javascript'],
	['mjs', 'javascript'],
	['py', 'python'],
	['python3', 'python'],
	['rs', 'rust'],
	['ts', 'typescript'],
	['tsx', 'typescript'],
	['html', 'xml'],
	['svg', 'xml'],
	['svelte', 'xml'],
	['yml', 'yaml']
]);

/** Highlight.js tells some forty scopes apart; seven colours are enough to read by. */
const KINDS: [Kind, RegExp][] = [
	['comment', /^(comment|quote|doctag)$/],
	['string', /^(string|regexp|char|symbol|subst|link)$/],
	['number', /^(number|literal|variable\.constant)$/],
	['keyword', /^(keyword|operator|tag|meta|selector-tag|type|built_in)$/],
	[
		'name',
		/^(title|name|attr|attribute|property|section|selector-(class|id|attr|pseudo)|variable)$/
	],
	['added', /^addition$/],
	['removed', /^deletion$/]
];

export function isKnownLanguage(language: string): boolean {
	return ALIASES.has(language.toLowerCase());
}

type Lowlight = ReturnType<typeof createLowlight>;
let lowlight: Promise<Lowlight> | undefined;
let turn: Promise<unknown> = Promise.resolve();

/** `text` in coloured parts; one block at a time, between which the page may draw. */
export function highlight(language: string, text: string): Promise<ColoredText[] | null> {
	const mine = turn.then(() => colored(language, text));
	turn = mine.then(
		() => new Promise((next) => setTimeout(next)),
		() => undefined
	);
	return mine;
}

async function colored(language: string, text: string): Promise<ColoredText[] | null> {
	const grammar = ALIASES.get(language.toLowerCase());
	if (!grammar) return null;
	try {
		lowlight ??= import('lowlight').then(({ createLowlight }) => createLowlight());
		const highlighter = await lowlight;
		if (!highlighter.registered(grammar))
			highlighter.register(grammar, (await GRAMMARS[grammar]()).default);
		const parts: ColoredText[] = [];
		collect(highlighter.highlight(grammar, text), '', parts);
		return parts;
	} catch {
		return null; // offline before the grammar was cached: the code is readable without colours
	}
}

function collect(node: unknown, kind: Kind | '', parts: ColoredText[]) {
	if (typeof node !== 'object' || node === null) return;
	if ('value' in node && typeof node.value === 'string') {
		const last = parts.at(-1);
		if (last?.kind === kind) last.text += node.value;
		else parts.push({ text: node.value, kind });
	}
	if (!('children' in node) || !Array.isArray(node.children)) return;
	const own = kindOf(node) ?? kind;
	for (const child of node.children) collect(child, own, parts);
}

function kindOf(node: object): Kind | undefined {
	if (!('properties' in node) || typeof node.properties !== 'object' || !node.properties) return;
	if (!('className' in node.properties) || !Array.isArray(node.properties.className)) return;
	const scope = String(node.properties.className[0]).replace(/^hljs-/, '');
	return KINDS.find(([, scopes]) => scopes.test(scope))?.[0];
}
