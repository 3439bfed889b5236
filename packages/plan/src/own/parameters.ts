import type { LibraryParam } from '../models/library.ts';
import type { TensorShape } from '../models/manifest.ts';

/** Why a library cannot run, or may run wrongly, a model's weights: the first thing in which they differ, in words. */
export interface Difference {
	kind: 'no-parameters' | 'missing' | 'shape' | 'dtype' | 'extra' | 'compiled-in';
	/** The tensor, or the field of the configuration. */
	what: string;
	/** What the library has. */
	expected: string;
	/** What the model has. */
	found: string;
	sentence: string;
}

/**
 * The first parameter of the library, in its own order, that the model's tensors do not match in name, shape or type;
 * then the first tensor that no parameter asks for. null: the sets are equal. `vocabSize` takes the place of
 * `vocab_size` in a shape.
 */
export function parameterDifference(
	params: readonly LibraryParam[] | null,
	tensors: readonly TensorShape[],
	vocabSize: number
): Difference | null {
	if (!params)
		return {
			kind: 'no-parameters',
			what: 'params',
			expected: 'none',
			found: `${tensors.length} tensors`,
			sentence: 'The library does not say which tensors it reads.'
		};
	const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
	for (const param of params) {
		const tensor = byName.get(param.name);
		byName.delete(param.name);
		const difference = tensor
			? tensorDifference(param, tensor, vocabSize)
			: ({
					kind: 'missing',
					what: param.name,
					expected: shapeOf(param.shape, vocabSize),
					found: 'none',
					sentence: `The model has no tensor ${param.name}, which the library reads.`
				} as const);
		if (difference) return difference;
	}
	const [extra] = byName.values();
	if (!extra) return null;
	return {
		kind: 'extra',
		what: extra.name,
		expected: 'none',
		found: shapeOf(extra.shape, vocabSize),
		sentence: `The model has a tensor ${extra.name}, which the library does not know.`
	};
}

function tensorDifference(
	param: LibraryParam,
	tensor: TensorShape,
	vocabSize: number
): Difference | null {
	const expected = shapeOf(param.shape, vocabSize);
	const found = shapeOf(tensor.shape, vocabSize);
	const what = param.name;
	if (expected !== found)
		return {
			kind: 'shape',
			what,
			expected,
			found,
			sentence: `Tensor ${what} is ${found}; the library reads ${expected}.`
		};
	if (param.dtype !== tensor.dtype)
		return {
			kind: 'dtype',
			what,
			expected: param.dtype,
			found: tensor.dtype,
			sentence: `Tensor ${what} is stored as ${tensor.dtype}; the library reads ${param.dtype}.`
		};
	return null;
}

const shapeOf = (shape: LibraryParam['shape'], vocabSize: number): string =>
	`[${shape.map((dim) => (dim === 'vocab_size' ? vocabSize : dim)).join(', ')}]`;
