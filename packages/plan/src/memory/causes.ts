/** What the size of an allocation can follow: the sizes of a model and of its window. 0: not known. */
export interface Shape {
	/** Sequences the library was compiled for; 1 where it does not say. */
	batch: number;
	/** Tokens that the model chooses from. */
	vocabulary: number;
	/** Tokens that the KV cache is asked to hold. */
	window: number;
	/** Tokens that its pages hold. */
	positions: number;
	layers: number;
	keyValueHeads: number;
	headDim: number;
	elementBytes: number;
}

/** The two moments of a load: what it holds before the first prompt, and what chatting adds. */
export type Moment = 'load' | 'chat';

/** Equal buffers: bytes of one, and how many more than planned there are (below 0: fewer). */
export type BufferGroup = readonly [bytes: number, count: number];

/** By how much one load differed from its plan at one moment, and in which buffers. */
export interface Evidence {
	shape: Shape;
	/** Bytes; below 0: less than planned. */
	excessBytes: number;
	/** Buffers that the plan does not place, largest first. Those of a size that no plan knows are among them. */
	groups: readonly BufferGroup[];
	/** Plans of libraries that are known to be exact were off by as much. */
	toleranceBytes: number;
	/** What the plan itself allows for. */
	marginBytes: number;
}

const perToken = ({ layers, keyValueHeads, headDim }: Shape): number =>
	layers * keyValueHeads * headDim;

/** Quantities that an allocation may be proportional to; the last three are tried where the others do not fit. */
const SCALES = {
	constant: { cause: 'constant', of: () => 1 },
	vocabulary: { cause: 'vocabulary', of: (s: Shape) => s.batch * s.vocabulary },
	window: { cause: 'cache', of: (s: Shape) => s.window * perToken(s) },
	windowBytes: { cause: 'cache', of: (s: Shape) => s.window * perToken(s) * s.elementBytes },
	pages: { cause: 'cache', of: (s: Shape) => s.positions * perToken(s) },
	pagesBytes: { cause: 'cache', of: (s: Shape) => s.positions * perToken(s) * s.elementBytes }
} as const;

export type Scale = keyof typeof SCALES;
export type Cause = (typeof SCALES)[Scale]['cause'];
export const scales = Object.keys(SCALES) as Scale[];
export const plainScales: readonly Scale[] = ['constant', 'vocabulary', 'window'];
export const causes: readonly Cause[] = ['constant', 'vocabulary', 'cache'];

export const causeOf = (scale: Scale): Cause => SCALES[scale].cause;

/** How much of a scale a shape has; 0 where it is not known. */
export const amountOf = (scale: Scale, shape: Shape): number => SCALES[scale].of(shape);

/** Bytes allocated per unit of a scale. */
export interface Term {
	scale: Scale;
	bytesPer: number;
}

export const bytesOf = (terms: readonly Term[], shape: Shape): number =>
	terms.reduce((sum, { scale, bytesPer }) => sum + bytesPer * amountOf(scale, shape), 0);
