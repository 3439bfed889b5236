import { describe, expect, test } from 'vitest';
import { asFailure, Failure } from '../../rpc/failure.ts';
import { engineFailure } from './errors.ts';

const quiet = { gpuError: null, deviceLost: null };
const named = (name: string, message = 'Something.') => Object.assign(new Error(message), { name });
const kindOf = (thrown: unknown, witness: Parameters<typeof engineFailure>[1] = quiet) =>
	engineFailure(thrown, witness).kind;

test('a failure of ours stays what it is', () => {
	const failure = new Failure('bad-schema', 'No.');
	expect(engineFailure(failure, quiet)).toBe(failure);
});

test('a conversation that is too long names both lengths', () => {
	const failure = engineFailure(
		named(
			'ContextWindowSizeExceededError',
			'Prompt tokens exceed context window size: number of prompt tokens: 2000; context window size: 1024'
		),
		quiet
	);
	expect(failure).toMatchObject({
		kind: 'context-full',
		detail: { promptTokens: 2000, contextWindow: 1024 }
	});
});

describe('memory', () => {
	const gpuError = { outOfMemory: true, message: 'Not enough memory left.' };

	test('of the GPU runs out by an error of the GPU, whatever the engine said', () => {
		expect(kindOf(named('Error', 'Object has already been disposed'), { ...quiet, gpuError })).toBe(
			'out-of-memory'
		);
	});

	test.each([
		'Out of memory',
		'D3D12 create heap failed with E_OUTOFMEMORY',
		'VK_ERROR_OUT_OF_DEVICE_MEMORY'
	])('of the GPU runs out by a device that was lost for it: %s', (message) => {
		expect(
			kindOf(new Error('x'), { gpuError: null, deviceLost: { reason: 'unknown', message } })
		).toBe('out-of-memory');
	});

	test.each([
		new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded'),
		new RangeError('WebAssembly.Memory(): could not allocate memory'),
		new RangeError('Array buffer allocation failed'),
		new RangeError('Invalid typed array length: 4294967296'),
		new Error('Cannot enlarge memory arrays'),
		new Error('Aborted(Cannot enlarge memory, asked to go up to 4294967296 bytes)')
	])('of the computer that runs out says nothing of the GPU: %s', (error) => {
		expect(kindOf(error)).toBe('out-of-host-memory');
	});

	test('of the GPU wins where both are told', () => {
		expect(kindOf(new RangeError('Array buffer allocation failed'), { ...quiet, gpuError })).toBe(
			'out-of-memory'
		);
	});
});

test('a lost device is told with its reason and the driver’s words', () => {
	const deviceLost = { reason: 'destroyed', message: 'Device was destroyed.' };
	expect(engineFailure(new Error('x'), { gpuError: null, deviceLost })).toMatchObject({
		kind: 'device-lost',
		detail: { reason: 'destroyed', driver: 'Device was destroyed.', engine: 'x' }
	});
	expect(kindOf(named('DeviceLostError'))).toBe('device-lost');
	expect(kindOf(new Error('A valid external Instance reference no longer exists.'))).toBe(
		'device-lost'
	);
});

test.each([
	[new WebAssembly.RuntimeError('unreachable'), 'worker-died'],
	[new WebAssembly.RuntimeError('memory access out of bounds'), 'worker-died'],
	[new Error('Module has already deleted'), 'worker-died'],
	[named('ModelNotLoadedError'), 'nothing-loaded'],
	[named('FeatureSupportError'), 'unsupported'],
	[new Error('This model requires shader-f16'), 'unsupported'],
	[named('WebGPUNotAvailableError'), 'no-adapter'],
	[named('WebGPUNotFoundError'), 'no-adapter'],
	[new Error('Cannot find a compatible GPU'), 'no-adapter'],
	[named('GrammarMatcherInitError'), 'bad-schema'],
	[new Error('Anything else'), 'engine'],
	['no error at all', 'engine']
] as const)('%s is %s', (thrown, kind) => {
	expect(kindOf(thrown)).toBe(kind);
});

test('an error of the GPU that no call reported makes every result doubtful', () => {
	const gpuError = { outOfMemory: false, message: 'Invalid buffer.' };
	expect(kindOf(new Error('x'), { ...quiet, gpuError })).toBe('gpu-error');
	expect(kindOf(named('GrammarMatcherInitError'), { ...quiet, gpuError })).toBe('gpu-error');
});

test.each([
	'Failed to fetch dynamically imported module: https://x.test/web-llm.js',
	'error loading dynamically imported module: https://x.test/web-llm.js',
	'Importing a module script failed.'
])(
	'a script of the engine that cannot be fetched is no fault of a model’s files: %s',
	(message) => {
		expect(kindOf(new TypeError(message))).toBe('script');
	}
);

/** As emscripten throws it: no Error. */
const exitStatus = { name: 'ExitStatus', message: 'Program terminated with exit(1)', status: 1 };

describe('what the engine throws', () => {
	test('is read from any object, also one that is no Error', () => {
		const failure = engineFailure(exitStatus, quiet);
		expect(failure.kind).toBe('worker-died');
		expect(failure.detail['engine']).toBe('Program terminated with exit(1)');
		expect(failure.detail['exit']).toBe(1);
		expect(engineFailure({ ...exitStatus, status: 7 }, quiet).detail['exit']).toBe(7);
		expect(asFailure(exitStatus).message).toBe('Program terminated with exit(1)');
	});

	test.each([
		['an object without a message', { code: 7 }],
		['an object with nothing', {}],
		['a circle', Object.assign([], { name: 3, message: 4 })],
		['an array', ['a']],
		['null', null],
		['a symbol', Symbol('s')],
		['an error without a message', new Error()]
	])('never becomes [object Object]: %s', (_, thrown) => {
		const failure = engineFailure(thrown, quiet);
		expect(failure.kind).toBe('engine');
		expect(failure.detail['engine']).not.toContain('[object');
		expect(failure.detail['engine']).not.toBe('');
		expect(asFailure(thrown).message).not.toContain('[object');
	});

	test('survives an object that refers to itself', () => {
		const circle: Record<string, unknown> = {};
		circle['self'] = circle;
		expect(engineFailure(circle, quiet).detail['engine']).toBeTruthy();
	});

	test('is a lost device first where the device was lost', () => {
		const deviceLost = { reason: 'unknown', message: '' };
		expect(engineFailure(exitStatus, { gpuError: null, deviceLost }).kind).toBe('device-lost');
	});

	test.each([WebAssembly.LinkError, WebAssembly.CompileError])(
		'names the library where that cannot be instantiated (%o)',
		(Kind) => {
			const failure = engineFailure(new Kind('Import #3 "env" "TVMWasmPackedCFunc"'), quiet);
			expect(failure).toMatchObject({ kind: 'unsupported', detail: { part: 'library' } });
		}
	);
});
