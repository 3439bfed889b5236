import { buildLibrary, type HiddenSampling } from '../library.ts';
import { architecture, type VariantName } from '../model/architecture.ts';

/** Type indices of values that cross the boundary (ABI.md, 2.2). */
const NONE = 0;
const INT = 1;
const FLOAT = 3;
const POINTER = 4;
const DEVICE = 6;
const TEXT = 8;
const BYTES = 9;
const FIRST_OBJECT = 64;
const STR = 65;
const FUNCTION = 68;
const WEBGPU = 15;
const CPU = 1;

/** A reference to an object of the library, as the host holds it. */
export class Handle {
	constructor(
		readonly at: number,
		readonly type: number
	) {}
}
type Exports = Record<string, (...args: number[]) => number>;
class Device {
	constructor(readonly type: number) {}
}
export type Value =
	number | string | undefined | Handle | Uint8Array | Device | ((...args: unknown[]) => unknown);

/**
 * A host for a library without WebGPU: it plays the part of tvmjs (ABI.md) with buffers that are only counted and
 * kernels that do nothing, and can be told to fail. For errors and leaks, which a real device cannot be asked for.
 */
export class Host {
	/** Sizes of the buffers that exist, by id. */
	readonly buffers = new Map<number, number>();
	/** Names of kernels and device functions in the order they were called. */
	readonly called: string[] = [];
	/** Makes the function or kernel of this name throw. */
	failing = '';
	readonly #functions = new Map<number, (...args: unknown[]) => unknown>();
	#nextFunction = 1;
	#nextBuffer = 1;
	#exports!: Exports;
	#memory!: WebAssembly.Memory;

	static async of(
		name: VariantName,
		architectureOf = architecture,
		sampling: HiddenSampling | null = null
	): Promise<Host> {
		const host = new Host();
		const bytes = new Uint8Array(await buildLibrary(architectureOf, name, sampling));
		const { instance } = await WebAssembly.instantiate(bytes, {
			env: {
				TVMFFIWasmSafeCall: (js: number, args: number, count: number, result: number) =>
					host.#fromLibrary(js, args, count, result),
				TVMFFIWasmFunctionDeleter: (js: number) => void host.#functions.delete(js)
			}
		});
		host.#exports = instance.exports as Exports;
		host.#memory = instance.exports.memory as WebAssembly.Memory;
		host.#exports._initialize!();
		host.setGlobal('wasm.WebGPUDeviceAPI', (device) => host.#deviceFunction(String(device)));
		return host;
	}

	get #view(): DataView {
		return new DataView(this.#memory.buffer);
	}
	get objects(): number {
		return this.#exports.liveObjects!();
	}
	/** JavaScript functions the library still holds. */
	get functions(): number {
		return this.#functions.size;
	}
	lastError(): string {
		const at = this.#exports.TVMFFIWasmGetLastError!();
		const bytes = new Uint8Array(this.#memory.buffer, at);
		return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
	}

	#note(name: string) {
		this.called.push(name);
		if (this.failing === name) throw new Error(`${name} was told to fail`);
	}
	#deviceFunction(name: string): (...args: unknown[]) => unknown {
		return (...args) => {
			this.#note(name);
			if (name === 'deviceAllocDataSpace') {
				this.buffers.set(this.#nextBuffer, args[0] as number);
				return this.#nextBuffer++;
			}
			if (name === 'deviceFreeDataSpace' && !this.buffers.delete(args[0] as number))
				throw new Error(`Buffer ${String(args[0])} was freed twice`);
			return undefined;
		};
	}

	#alloc(bytes: Uint8Array): number {
		const at = this.#exports.TVMWasmAllocSpace!(bytes.length);
		new Uint8Array(this.#memory.buffer).set(bytes, at);
		return at;
	}
	#free(at: number) {
		this.#exports.TVMWasmFreeSpace!(at);
	}
	#name(text: string): { at: number; free(): void } {
		const data = this.#alloc(new TextEncoder().encode(text));
		const at = this.#alloc(new Uint8Array(Uint32Array.of(data, text.length).buffer));
		return {
			at,
			free: () => {
				this.#free(at);
				this.#free(data);
			}
		};
	}
	#read(at: number): Value {
		const view = this.#view;
		const type = view.getInt32(at, true);
		if (type === NONE) return undefined;
		if (type === INT || type === POINTER) return view.getInt32(at + 8, true);
		if (type === FLOAT) return view.getFloat64(at + 8, true);
		if (type < FIRST_OBJECT) throw new Error(`The host has no use for a value of type ${type}`);
		return new Handle(view.getUint32(at + 8, true), type);
	}
	/** Writes a value; whatever it needs beside it is freed by `done`. */
	#write(at: number, value: Value, done: (() => void)[]) {
		const set = (type: number, low = 0, high = 0) => {
			const view = this.#view;
			view.setInt32(at, type, true);
			view.setInt32(at + 4, 0, true);
			view.setInt32(at + 8, low, true);
			view.setInt32(at + 12, high, true);
		};
		if (value === undefined) set(NONE);
		else if (value instanceof Device) set(DEVICE, value.type);
		else if (typeof value === 'number') {
			if (Number.isInteger(value)) set(INT, value, value < 0 ? -1 : 0);
			else {
				set(FLOAT);
				this.#view.setFloat64(at + 8, value, true);
			}
		} else if (typeof value === 'string') {
			const text = this.#alloc(new TextEncoder().encode(`${value}\0`));
			done.push(() => this.#free(text));
			set(TEXT, text);
		} else if (value instanceof Uint8Array) {
			const data = this.#alloc(value);
			const pair = this.#alloc(new Uint8Array(Uint32Array.of(data, value.length).buffer));
			done.push(
				() => this.#free(pair),
				() => this.#free(data)
			);
			set(BYTES, pair);
		} else if (typeof value === 'function') {
			const handle = this.#function(value);
			done.push(() => this.release(handle));
			set(FUNCTION, handle.at);
		} else set(value.type, value.at);
	}
	#function(body: (...args: unknown[]) => unknown): Handle {
		const js = this.#nextFunction++;
		this.#functions.set(js, body);
		const out = this.#alloc(new Uint8Array(8));
		this.#exports.TVMFFIWasmFunctionCreate!(js, out);
		const handle = new Handle(this.#view.getUint32(out, true), FUNCTION);
		this.#free(out);
		return handle;
	}

	#fromLibrary(js: number, args: number, count: number, result: number): number {
		try {
			const values: unknown[] = [];
			const owned: Handle[] = [];
			for (let i = 0; i < count; i++) {
				const at = args + 16 * i;
				// As tvmjs does: everything that is not a plain value becomes an owned object, in place.
				if (this.#view.getInt32(at, true) >= TEXT) {
					this.#exports.TVMFFIAnyViewToOwnedAny!(at, at);
					const handle = this.#read(at) as Handle;
					owned.push(handle);
					values.push(handle.type === STR ? this.text(handle) : handle);
				} else values.push(this.#read(at));
			}
			const value = this.#functions.get(js)!(...values);
			for (const handle of owned) this.release(handle);
			const done: (() => void)[] = [];
			if (typeof value === 'function') {
				const handle = this.#function(value as () => unknown);
				this.#write(result, handle, done); // the library owns it now
			} else if (typeof value === 'number') {
				this.#view.setInt32(result, FLOAT, true);
				this.#view.setFloat64(result + 8, value, true);
			} else this.#write(result, undefined, done);
			return 0;
		} catch (error) {
			const kind = this.#alloc(new TextEncoder().encode('Error\0'));
			const message = this.#alloc(new TextEncoder().encode(`${(error as Error).message}\0`));
			this.#exports.TVMFFIErrorSetRaisedFromCStr!(kind, message);
			this.#free(kind);
			this.#free(message);
			return -1;
		}
	}

	/** The text of a Str. */
	text({ at }: Handle): string {
		const view = this.#view;
		const data = view.getUint32(at + 24, true);
		return new TextDecoder().decode(
			new Uint8Array(this.#memory.buffer, data, view.getUint32(at + 28, true))
		);
	}
	/** The content of Bytes, as f32. */
	floats({ at }: Handle): number[] {
		const view = this.#view;
		const data = view.getUint32(at + 24, true);
		const count = view.getUint32(at + 28, true) / 4;
		return Array.from({ length: count }, (_, i) => view.getFloat32(data + 4 * i, true));
	}
	release({ at }: Handle) {
		this.#exports.TVMFFIObjectDecRef!(at);
	}
	/** Calls a function object; throws with the library's words if it fails. */
	call(f: Handle, ...args: Value[]): Value {
		const at = this.#alloc(new Uint8Array(16 * args.length + 16));
		const done = [() => this.#free(at)];
		try {
			args.forEach((value, i) => this.#write(at + 16 * i, value, done));
			const result = at + 16 * args.length;
			this.#write(result, undefined, done);
			if (this.#exports.TVMFFIFunctionCall!(f.at, at, args.length, result))
				throw new Error(this.lastError());
			return this.#read(result);
		} finally {
			for (const free of done) free();
		}
	}
	/** Calls a global function; a result that is an object belongs to the caller. */
	global(name: string, ...args: Value[]): Value {
		const key = this.#name(name);
		const out = this.#alloc(new Uint8Array(8));
		this.#exports.TVMFFIFunctionGetGlobal!(key.at, out);
		const at = this.#view.getUint32(out, true);
		key.free();
		this.#free(out);
		if (!at) throw new Error(`There is no global function ${name}`);
		const f = new Handle(at, FUNCTION);
		try {
			return this.call(f, ...args);
		} finally {
			this.release(f);
		}
	}
	/** The same, for functions that return an object. */
	object(name: string, ...args: Value[]): Handle {
		const value = this.global(name, ...args);
		if (!(value instanceof Handle)) throw new Error(`${name} returned no object`);
		return value;
	}
	setGlobal(name: string, body: (...args: unknown[]) => unknown, replace = true): number {
		const key = this.#name(name);
		const f = this.#function(body);
		const outcome = this.#exports.TVMFFIFunctionSetGlobal!(key.at, f.at, replace ? 1 : 0);
		this.release(f);
		key.free();
		return outcome;
	}
	typeIndex(key: string): number {
		const name = this.#name(key);
		const out = this.#alloc(new Uint8Array(8));
		const outcome = this.#exports.TVMFFITypeKeyToIndex!(name.at, out);
		const index = this.#view.getInt32(out, true);
		name.free();
		this.#free(out);
		if (outcome) throw new Error(this.lastError());
		return index;
	}

	/** The module with the model's functions. */
	model(): Handle {
		const system = this.object('ffi.SystemLib');
		const load = this.object('ffi.ModuleGetFunction', system, 'vm_load_executable', 0);
		const model = this.call(load) as Handle;
		this.release(load);
		this.release(system);
		return model;
	}
	/** Calls a function of the model. */
	run(model: Handle, name: string, ...args: Value[]): Value {
		const f = this.object('ffi.ModuleGetFunction', model, name, 0);
		try {
			return this.call(f, ...args);
		} finally {
			this.release(f);
		}
	}
	/** Gives the model every kernel: each notes its name and does nothing. */
	loadKernels(model: Handle) {
		const fmap = this.run(model, 'webgpu.get_fmap') as Handle;
		for (const name of Object.keys(JSON.parse(this.text(fmap)) as object))
			this.run(model, 'webgpu.update_prebuild', name, () => this.#note(name));
		this.release(fmap);
	}
	shape(...dimensions: number[]): Handle {
		return this.object('ffi.Shape', ...dimensions);
	}
	tensor(device: 'cpu' | 'gpu', dtype: string, ...dimensions: number[]): Handle {
		const shape = this.shape(...dimensions);
		try {
			return this.object(
				'runtime.TVMTensorAllocWithScope',
				shape,
				dtype,
				new Device(device === 'gpu' ? WEBGPU : CPU),
				undefined
			);
		} finally {
			this.release(shape);
		}
	}
}
