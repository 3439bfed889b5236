import { describe, expect, it } from 'vitest';
import { asFailure } from '../worker/failure.ts';
import { engineFailure } from './errors.ts';

const quiet = { gpuError: null, deviceLost: null };

/** As emscripten throws it: no Error. */
const exitStatus = { name: 'ExitStatus', message: 'Program terminated with exit(1)', status: 1 };

describe('what the engine throws', () => {
	it('is read from any object, also one that is no Error', () => {
		const failure = engineFailure(exitStatus, quiet);
		expect(failure.kind).toBe('worker-died');
		expect(failure.detail['engine']).toBe('Program terminated with exit(1)');
		expect(asFailure(exitStatus).message).toBe('Program terminated with exit(1)');
	});

	it.each([
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

	it('survives an object that refers to itself', () => {
		const circle: Record<string, unknown> = {};
		circle['self'] = circle;
		expect(engineFailure(circle, quiet).detail['engine']).toBeTruthy();
	});

	it('is a lost device first where the device was lost', () => {
		const deviceLost = { reason: 'unknown', message: '' };
		expect(engineFailure(exitStatus, { gpuError: null, deviceLost }).kind).toBe('device-lost');
	});

	it.each([WebAssembly.LinkError, WebAssembly.CompileError])(
		'names the library where that cannot be instantiated (%o)',
		(Kind) => {
			const failure = engineFailure(new Kind('Import #3 "env" "TVMWasmPackedCFunc"'), quiet);
			expect(failure).toMatchObject({ kind: 'unsupported', detail: { part: 'library' } });
		}
	);
});
