import { MAX_FORMULA_CHARS, MAX_FORMULA_DEPTH } from './limits.ts';

export type FormulaNode =
	string | { tag: string; attributes: Record<string, string>; children: FormulaNode[] };

/** MathML Core without its links, images and foreign content. */
const TAGS = new Set(
	(
		'math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts ' +
		'mprescripts mtable mtr mtd mpadded mphantom mstyle menclose'
	).split(' ')
);
/** No `style`, `class`, `href`, `id` or handler: what these say is about layout only. */
const ATTRIBUTES = new Set(
	(
		'display displaystyle scriptlevel mathvariant form fence separator stretchy symmetric largeop movablelimits accent ' +
		'accentunder lspace rspace minsize maxsize width height depth voffset linethickness notation rowspan columnspan ' +
		'columnalign rowspacing columnspacing rowlines columnlines'
	).split(' ')
);

/** The formula as MathML elements, or null where TeX makes no sense of it: then its source says more. */
export async function readFormula(source: string, display: boolean): Promise<FormulaNode | null> {
	if (source.length > MAX_FORMULA_CHARS || depthOf(source) > MAX_FORMULA_DEPTH) return null;
	const { default: temml } = await import('temml');
	try {
		const tree: unknown = temml.__renderToMathMLTree(source, {
			displayMode: display,
			throwOnError: true,
			trust: false,
			maxExpand: 200
		});
		return allowed(tree)[0] ?? null;
	} catch {
		return null; // not TeX
	}
}

/** Its braces' depth: temml recurses, and a stack that overflows takes milliseconds to do so. */
function depthOf(source: string): number {
	let depth = 0;
	let deepest = 0;
	for (const { 0: mark } of source.matchAll(/[{}]|\\(?:left|right|begin|end)\b/g)) {
		depth += mark === '{' || mark === '\\left' || mark === '\\begin' ? 1 : -1;
		deepest = Math.max(deepest, depth);
	}
	return deepest;
}

function allowed(node: unknown): FormulaNode[] {
	if (typeof node !== 'object' || node === null) return [];
	if ('text' in node && typeof node.text === 'string') return [node.text];
	const inner = 'children' in node && Array.isArray(node.children) ? node.children : [];
	const children = inner.flatMap(allowed);
	const tag = 'type' in node ? node.type : undefined;
	if (typeof tag !== 'string' || !TAGS.has(tag)) return children;
	return [{ tag, attributes: attributesOf(node), children }];
}

function attributesOf(node: object): Record<string, string> {
	const kept: Record<string, string> = {};
	if ('attributes' in node && typeof node.attributes === 'object' && node.attributes)
		for (const [name, value] of Object.entries(node.attributes))
			if (ATTRIBUTES.has(name)) kept[name] = String(value);
	return kept;
}
