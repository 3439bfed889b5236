/**
 * Runs the unmodified engine in a worker and answers the tests, one message a call. Before the engine starts, the
 * WebGPU device and WebAssembly are wrapped to count what it holds.
 */
import type * as WebLLM from '@mlc-ai/web-llm';
import type { KeptPosition } from '../../src/lib/engine/position.ts';
import { compareAnswer, keepAnswer } from '../../src/lib/engine/webllm/forcing.ts';
import { LeanSampling } from '../../src/lib/engine/webllm/lean/lean-sampling.ts';
import { SAMPLERS } from '../../src/lib/engine/webllm/lean/pipeline.ts';
import type { Answer, Calls, Drawn } from './protocol.ts';

const counted = { live: 0, peak: 0, created: 0, submits: 0, dispatches: 0 };
const errors: string[] = [];
const held = new Set<GPUBuffer>();
const buffersOf = new WeakMap<GPUDevice, Set<GPUBuffer>>();

function wrap<T extends object, K extends keyof T>(
	of: T,
	name: K,
	around: (original: T[K]) => T[K]
) {
	of[name] = around(of[name]);
}
function drop(buffer: GPUBuffer) {
	if (held.delete(buffer)) counted.live -= buffer.size;
}
wrap(
	GPUDevice.prototype,
	'createBuffer',
	(create) =>
		function (this: GPUDevice, descriptor) {
			const buffer = create.call(this, descriptor);
			let own = buffersOf.get(this);
			if (!own) {
				buffersOf.set(this, (own = new Set()));
				this.addEventListener('uncapturederror', (e) => errors.push(e.error.message));
			}
			own.add(buffer);
			held.add(buffer);
			counted.created++;
			counted.live += buffer.size;
			counted.peak = Math.max(counted.peak, counted.live);
			return buffer;
		}
);
wrap(
	GPUBuffer.prototype,
	'destroy',
	(destroy) =>
		function (this: GPUBuffer) {
			drop(this);
			return destroy.call(this);
		}
);
wrap(
	GPUDevice.prototype,
	'destroy',
	(destroy) =>
		function (this: GPUDevice) {
			buffersOf.get(this)?.forEach(drop);
			return destroy.call(this);
		}
);
wrap(
	GPUDevice.prototype,
	'createShaderModule',
	(create) =>
		function (this: GPUDevice, descriptor) {
			const shader = create.call(this, descriptor);
			const lines = descriptor.code.split('\n');
			void shader.getCompilationInfo().then(({ messages }) => {
				for (const m of messages)
					errors.push(`${m.type}: ${m.message} in: ${lines[m.lineNum - 1] ?? ''}`);
			});
			return shader;
		}
);
wrap(
	GPUQueue.prototype,
	'submit',
	(submit) =>
		function (this: GPUQueue, buffers) {
			counted.submits++;
			return submit.call(this, buffers);
		}
);
wrap(
	GPUComputePassEncoder.prototype,
	'dispatchWorkgroups',
	(dispatch) =>
		function (this: GPUComputePassEncoder, x, y, z) {
			counted.dispatches++;
			return dispatch.call(this, x, y, z);
		}
);

let library: { memory: WebAssembly.Memory; liveObjects: () => number } | undefined;
wrap(
	WebAssembly as { instantiate: (...args: unknown[]) => Promise<unknown> },
	'instantiate',
	(instantiate) =>
		async (...args) => {
			const made = (await instantiate.apply(WebAssembly, args)) as
				WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource;
			const { exports } = 'instance' in made ? made.instance : made;
			if ('liveObjects' in exports) library = exports as unknown as typeof library;
			return made;
		}
);

const drawn: Drawn[] = [];
let lastLogits = '';
function base64({ buffer, byteOffset, byteLength }: Float32Array): string {
	const bytes = new Uint8Array(buffer, byteOffset, byteLength);
	let text = '';
	for (const b of bytes) text += String.fromCharCode(b);
	return btoa(text);
}
const capture: WebLLM.LogitProcessor = {
	processLogits(logits) {
		lastLogits = base64(logits);
		return logits;
	},
	processSampledToken(id) {
		drawn.push({ id, logits: lastLogits });
	},
	resetState() {}
};

let kept: { messages: [WebLLM.ChatCompletionMessageParam]; kept: KeptPosition[] }[] = [];

let engine: WebLLM.MLCEngine | undefined;
let modelId = '';
function loaded(): WebLLM.MLCEngine {
	if (!engine) throw new Error('Nothing is loaded');
	return engine;
}

function answer(
	choice: { finish_reason: string | null },
	text: string,
	usage: WebLLM.CompletionUsage | undefined,
	logprobs: Answer['logprobs'] = []
): Answer {
	if (!usage) throw new Error('The engine reported no usage');
	return {
		text,
		finish: choice.finish_reason ?? '',
		promptTokens: usage.prompt_tokens,
		completionTokens: usage.completion_tokens,
		totalTokens: usage.total_tokens,
		prefillTokensPerSecond: usage.extra.prefill_tokens_per_s,
		decodeTokensPerSecond: usage.extra.decode_tokens_per_s,
		ids: [...pipeline().outputIds],
		logprobs
	};
}

/** The part of tvmjs the tests drive the library with, below the engine. */
interface Tensor {
	copyFrom(data: ArrayLike<number> | Tensor): Tensor;
	toArray(): ArrayLike<number>;
	toRawBytes(): Uint8Array;
	view(shape: number[]): Tensor;
	shape: number[];
	dtype: string;
}
interface TVMArray {
	get(i: number): Tensor;
	size(): number;
}
interface Pipeline {
	tvm: {
		beginScope(): void;
		endScope(): void;
		empty(shape: number[], dtype: string, device: unknown): Tensor;
		cpu(): unknown;
	};
	device: { sync(): Promise<void> };
	vm: { getFunction(name: string): (...args: unknown[]) => unknown };
	embed(...args: unknown[]): Tensor;
	params: unknown;
	kvCache: unknown;
	outputIds: number[];
}
function pipeline(): Pipeline {
	const pipelines = (loaded() as unknown as { loadedModelIdToPipeline: Map<string, Pipeline> })
		.loadedModelIdToPipeline;
	const found = pipelines.get(modelId);
	if (!found) throw new Error('The engine has no pipeline');
	return found;
}
let samplerCalls = 0;
/** Counts what the library itself is asked to sample. */
function countSamplers() {
	samplerCalls = 0;
	const counted = pipeline() as unknown as Record<
		string,
		((...args: unknown[]) => unknown) & { dispose(): void }
	>;
	for (const name of SAMPLERS) {
		const own = counted[name]!;
		const counting = (...args: unknown[]) => {
			samplerCalls++;
			return own(...args);
		};
		counted[name] = Object.assign(counting, { dispose: () => own.dispose() });
	}
}
/** Runs `body` in a scope of tvmjs: what it makes is released at the end. */
async function scoped<T>(body: (p: Pipeline) => T | Promise<T>): Promise<T> {
	const p = pipeline();
	p.tvm.beginScope();
	try {
		return await body(p);
	} finally {
		p.tvm.endScope();
	}
}
async function read(p: Pipeline, tensor: Tensor): Promise<ArrayLike<number>> {
	const copy = p.tvm.empty(tensor.shape, tensor.dtype, p.tvm.cpu()).copyFrom(tensor);
	await p.device.sync();
	// tvmjs has no array type for f16: its bits will do.
	return tensor.dtype === 'float16'
		? new Uint16Array(copy.toRawBytes().slice().buffer)
		: copy.toArray();
}

const calls = {
	async load({ base, variant, contextWindow, capture: capturing, library: other, lean: leanly }) {
		const served: string = '/web-llm/index.js';
		const webllm = (await import(served)) as typeof WebLLM;
		modelId = `pocket-${variant}`;
		const appConfig: WebLLM.AppConfig = {
			model_list: [
				{
					model: `${base}/${variant}/`,
					model_id: modelId,
					model_lib: `${base}/pocket-${other ?? variant}.wasm`,
					overrides: { context_window_size: contextWindow }
				}
			]
		};
		await engine?.unload();
		const lean = leanly ? new LeanSampling() : null;
		const processor = lean?.processor ?? (capturing ? capture : null);
		engine = new webllm.MLCEngine({
			appConfig,
			logLevel: 'ERROR',
			...(processor ? { logitProcessorRegistry: new Map([[modelId, processor]]) } : {})
		});
		await engine.reload(modelId);
		countSamplers();
		const problem = lean?.install(engine, modelId);
		if (problem) throw new Error(`${problem.message} ${JSON.stringify(problem.detail)}`);
	},
	async unload() {
		await engine?.unload();
	},
	async reset() {
		await loaded().resetChat();
	},
	async chat(request) {
		const { choices, usage } = await loaded().chat.completions.create(request);
		const choice = choices[0]!;
		return answer(
			choice,
			choice.message.content ?? '',
			usage,
			choice.logprobs?.content?.map(({ token, logprob, top_logprobs }) => ({
				token,
				logprob,
				top: top_logprobs.map((t) => t.logprob)
			}))
		);
	},
	async complete(request) {
		const { choices, usage } = await loaded().completions.create(request);
		return answer(choices[0]!, choices[0]!.text, usage);
	},
	async interrupt(request, chunks) {
		const stream = await loaded().chat.completions.create({
			...request,
			stream: true,
			stream_options: { include_usage: true }
		});
		let text = '';
		let seen = 0;
		let finish: string | null = null;
		let usage: WebLLM.CompletionUsage | undefined;
		for await (const chunk of stream) {
			text += chunk.choices[0]?.delta.content ?? '';
			finish = chunk.choices[0]?.finish_reason ?? finish;
			usage = chunk.usage ?? usage;
			if (++seen === chunks) void loaded().interruptGenerate();
		}
		return answer({ finish_reason: finish }, text, usage);
	},
	async leave(request, sessionId, chunks) {
		const stream = await loaded().chat.completions.create({
			...request,
			stream: true,
			extra_body: { ...request.extra_body, resumable: { enabled: true, sessionId } }
		});
		const pieces = stream[Symbol.asyncIterator]();
		for (let i = 0; i < chunks; i++) await pieces.next();
	},
	async resume(sessionId) {
		const resumed = await loaded().resumeChatCompletion(sessionId, { continueGeneration: true });
		if (!('recoveredText' in resumed)) throw new Error('The answer was to come in one piece');
		return resumed;
	},
	samplerCalls() {
		return Promise.resolve(samplerCalls);
	},
	drawn() {
		return Promise.resolve(drawn.splice(0));
	},
	async keepAnswers(questions, mostTokens) {
		kept = [];
		const { signal } = new AbortController();
		for (const content of questions) {
			const messages: [WebLLM.ChatCompletionMessageParam] = [{ role: 'user', content }];
			const answer = await keepAnswer(
				{ engine: loaded(), modelId },
				{ messages, mostTokens },
				signal
			);
			kept.push({ messages, kept: answer });
		}
		return kept.map((answer) => answer.kept.map(({ token }) => token));
	},
	async compareAnswers() {
		const { signal } = new AbortController();
		const differences = [];
		for (const answer of kept)
			differences.push(await compareAnswer({ engine: loaded(), modelId }, answer, signal));
		return differences;
	},
	measure() {
		const now = {
			liveBytes: counted.live,
			peakBytes: counted.peak,
			buffersCreated: counted.created,
			submits: counted.submits,
			dispatches: counted.dispatches,
			objects: library?.liveObjects() ?? 0,
			wasmBytes: library?.memory.buffer.byteLength ?? 0,
			gpuErrors: errors
		};
		Object.assign(counted, { peak: counted.live, created: 0, submits: 0, dispatches: 0 });
		return Promise.resolve(now);
	},
	async invoke(name, args) {
		return scoped(async (p) => {
			const tensors = args.map(({ shape, dtype, data }) =>
				p.tvm.empty(shape, dtype, p.device).copyFrom(data)
			);
			const result = p.vm.getFunction(name)(...tensors) as Tensor | TVMArray | undefined;
			const outputs = !result
				? tensors
				: 'size' in result
					? Array.from({ length: result.size() }, (_, i) => result.get(i))
					: [result];
			const arrays = [];
			for (const output of outputs) arrays.push(Array.from(await read(p, output)));
			return arrays;
		});
	},
	async unpreparedStep(rows) {
		await scoped((p) => {
			const ids = p.tvm.empty([rows], 'int32', p.device).copyFrom(new Int32Array(rows));
			const embeddings = p.embed(ids, p.params);
			p.vm.getFunction('decode')(embeddings.view([1, ...embeddings.shape]), p.kvCache, p.params);
		});
	},
	async largeGrids(vocab) {
		const wrong = (found: ArrayLike<number>, wanted: (i: number) => number) => {
			let count = 0;
			for (let i = 0; i < found.length; i++) if (found[i] !== wanted(i)) count++;
			return count;
		};
		const embedded = await scoped(async (p) => {
			const rows = 132_000;
			const ids = Int32Array.from({ length: rows }, (_, i) => (i * 7) % vocab);
			const table = await read(
				p,
				p.embed(
					p.tvm
						.empty([vocab], 'int32', p.device)
						.copyFrom(Int32Array.from(ids.keys()).subarray(0, vocab)),
					p.params
				)
			);
			const out = p.embed(p.tvm.empty([rows], 'int32', p.device).copyFrom(ids), p.params);
			const width = out.shape[1]!;
			const found = await read(p, out);
			return {
				kernel: 'embed',
				blocks: Math.ceil((rows * width) / 4 / 64),
				wrong: wrong(found, (i) => table[ids[Math.floor(i / width)]! * width + (i % width)]!)
			};
		});
		const masked = await scoped(async (p) => {
			const rows = Math.ceil((66_000 * 64) / vocab);
			const words = Math.ceil(vocab / 32);
			// Bits that differ from row to row and from token to token.
			const allowed = (row: number, token: number) => (row * 5 + token * 3) % 7 < 3;
			const mask = new Int32Array(rows * words);
			for (let row = 0; row < rows; row++)
				for (let token = 0; token < vocab; token++)
					if (allowed(row, token)) mask[row * words + (token >> 5)]! |= 1 << (token & 31);
			const logits = p.tvm
				.empty([rows, vocab], 'float32', p.device)
				.copyFrom(Float32Array.from({ length: rows * vocab }, (_, i) => i % 4096));
			p.vm.getFunction('apply_bitmask_inplace')(
				logits,
				p.tvm
					.empty([rows], 'int32', p.device)
					.copyFrom(Int32Array.from({ length: rows }, (_, i) => i)),
				p.tvm.empty([rows, words], 'int32', p.device).copyFrom(mask)
			);
			const lowest = Math.fround(-3e38);
			return {
				kernel: 'apply_bitmask',
				blocks: Math.ceil((rows * vocab) / 64),
				wrong: wrong(await read(p, logits), (i) =>
					allowed(Math.floor(i / vocab), i % vocab) ? i % 4096 : lowest
				)
			};
		});
		const sampled = await scoped(async (p) => {
			const draws = 65_537;
			const tensor = (dtype: string, shape: number[], at: (i: number) => number) => {
				const size = shape.reduce((x, y) => x * y, 1);
				const data = Array.from({ length: size }, (_, i) => at(i));
				return p.tvm.empty(shape, dtype, p.device).copyFrom(data);
			};
			const tokens = p.vm.getFunction('sample_with_top_p')(
				tensor('float32', [1, vocab], (i) => (i < 4 ? 0.25 : 0)),
				tensor('int32', [1, vocab], (i) => 10 + i),
				tensor('float32', [draws], (i) => ((i % 4) + 0.5) / 4),
				tensor('int32', [draws], () => 0),
				tensor('float32', [1], () => 1)
			) as Tensor;
			return {
				kernel: 'sample_top_p',
				blocks: draws,
				wrong: wrong(await read(p, tokens), (i) => 10 + (i % 4))
			};
		});
		return [embedded, masked, sampled];
	}
} satisfies Calls;

self.onmessage = async ({
	data: { id, name, args }
}: MessageEvent<{ id: number; name: keyof Calls; args: unknown[] }>) => {
	try {
		const value: unknown = await (calls as Record<string, (...args: unknown[]) => unknown>)[name]!(
			...args
		);
		postMessage({ id, value });
	} catch (error) {
		postMessage({ id, error: error instanceof Error ? error.message : String(error) });
	}
};
