import type {
	ChatCompletionMessageParam,
	ChatCompletionRequestStreaming,
	MLCEngine
} from '@mlc-ai/web-llm';
import { serve } from '../../rpc/server.ts';
import { Failure, toWire } from '../../rpc/failure.ts';
import { compiled as compiledBefore, type PipelineSpec } from '../../files/records.ts';
import { openCache } from '../../files/cache.ts';
import { Arriving } from './arriving.ts';
import { EarlyDevice } from './early-device.ts';
import { engineFailure } from './errors.ts';
import { compareAnswer, keepAnswer, type Loaded } from './forcing.ts';
import { WeightsGate } from './gate.ts';
import { Heap } from './heap.ts';
import { LeanSampling } from './lean/lean-sampling.ts';
import { shadersIn } from './library-shaders.ts';
import { HEARTBEAT_MS } from './watchdog.ts';
import { Meter } from './meter.ts';
import { Pipelines } from './pipelines.ts';
import { ReadAhead } from './read-ahead.ts';
import { runTest } from './speed-test.ts';
import { prepareTokenizers } from './tokenizers.ts';
import type {
	EngineContract,
	GenerateResult,
	LoadPhase,
	LoadRequest,
	MeterReading
} from '../protocol.ts';
import { schemaProblem } from '../json-schema.ts';
import { schemaOf, type Sampling } from '../sampling.ts';

let engine: MLCEngine | null = null;
let loadedId: string | null = null;
/** A load that has begun, and stops at the gate. */
interface Begun {
	request: LoadRequest;
	lean: LeanSampling | null;
	startMs: number;
	/** How long preparing it took. */
	preparedMs: number;
	atGate: Promise<void>;
	compiled: Promise<void>;
	loaded: Promise<void>;
}
let begun: Begun | null = null;
/** Compiled before the load began, which then finds it; resolves as `compileKnown`. */
let ahead: Promise<boolean> | null = null;
/** Tells whoever waits for the load just now. */
let tellPhase: (phase: LoadPhase) => void = () => {};
/** The first GPU error that no call reported; what is computed after it cannot be trusted. */
let gpuError: { outOfMemory: boolean; message: string } | null = null;
let deviceLost: { reason: string; message: string } | null = null;
/** True while a device may go because we let it. */
let unloading = false;

// Every token allocates and frees; the page needs a figure, not each step.
const METER_INTERVAL_MS = 100;
let told: MeterReading | null = null;
let meterTimer: ReturnType<typeof setTimeout> | null = null;

const arriving = new Arriving();
const readAhead = new ReadAhead((url) => arriving.awaits(url));
const gate = new WeightsGate();
const pipelines = new Pipelines();
const earlyDevice = new EarlyDevice();
const heap = new Heap();
const meter = new Meter({
	changed: () => {
		meterTimer ??= setTimeout(() => {
			meterTimer = null;
			const { reading } = meter;
			// What a token takes it gives back: mostly nothing has changed.
			if (sameReading(reading, told)) return;
			told = reading;
			emit('meter', reading);
		}, METER_INTERVAL_MS);
	},
	deviceLost: (info) => {
		if (unloading) return;
		deviceLost = info;
		emit('deviceLost', info);
	},
	gpuError: (error) => {
		gpuError ??= error;
		emit('gpuError', error);
	}
});

const emit = serve<EngineContract>({
	async warm() {
		// A worker's first adapter takes longer than the others.
		void navigator.gpu?.requestAdapter().catch(() => null);
		await prepareTokenizers(await webllm());
		return null;
	},

	compileAhead({ libraryUrl }) {
		ahead ??= compileKnown(libraryUrl, () => {});
		return Promise.resolve(null);
	},

	async prepare({ request, missing, compile }, { progress }) {
		tellPhase = progress;
		// At once: all may have come before the engine is imported.
		arriving.expect(missing);
		begun = await begin(request, (done, total) => {
			if (compile) progress(withHeap({ phase: 'compiling', done, total }));
		});
		await begun.atGate.catch(explain);
		if (compile) await begun.compiled;
		if (gpuError || deviceLost)
			await explain(new Error('The GPU reported an error while compiling.'));
		begun.preparedMs = performance.now() - begun.startMs;
		return null;
	},

	fetched() {
		arriving.end();
		return Promise.resolve(null);
	},

	async load(_, { progress }) {
		if (!engine || !begun) throw new Failure('engine', 'This worker has prepared no model.');
		tellPhase = progress;
		const { request, lean, preparedMs, compiled, loaded } = begun;
		const startMs = performance.now();
		gate.open();
		await loaded.catch(explain);
		readAhead.letGo();
		await compiled;
		const { record } = request;
		loadedId = record.model_id;
		const loadMs = preparedMs + performance.now() - startMs - readAhead.waitedMs;
		const afterLoadBytes = meter.reading.liveBytes;
		const afterLoad = meter.sizes;
		// Before the first token: it would allocate the buffers of the engine's own sampling.
		const leanProblem = lean?.install(engine, loadedId) ?? null;
		if (leanProblem && !request.mayFallBack) throw leanProblem;

		// A reload can resolve with nothing loaded, and memory may be committed only when it is used.
		progress(withHeap({ phase: 'warming-up' }));
		const tokenMs = performance.now();
		await firstToken(engine).catch(explain);
		if (gpuError || deviceLost)
			await explain(new Error('The GPU reported an error while loading.'));
		const unused = leanProblem ? null : lean?.unused;
		if (unused) throw unused;
		remember(record.model_lib, [...pipelines.asked]).catch(() => undefined);
		pipelines.release();
		return {
			afterLoadBytes,
			afterFirstTokenBytes: meter.reading.liveBytes,
			peakBytes: meter.reading.peakBytes,
			buffers: meter.reading.buffers,
			heapBytes: heap.bytes,
			sizes: { afterLoad, afterFirstToken: meter.sizes },
			loadMs,
			firstTokenMs: performance.now() - tokenMs,
			tokenSampling: lean && !leanProblem ? 'lean' : 'engine',
			software: earlyDevice.software,
			leanProblem: leanProblem && toWire(leanProblem)
		};
	},

	async generate({ messages, sampling, drawMs, ignoreEos }, { signal, progress }) {
		if (!engine || !loadedId) throw new Failure('nothing-loaded', 'No model is loaded.');
		const text = inBatches(progress, drawMs);
		return generate(engine, request(messages, sampling, ignoreEos), signal, text).catch(explain);
	},

	async measure(test, { signal }) {
		const { engine, modelId } = whatIsLoaded();
		const ms = await runTest(engine, modelId, test, signal).catch(explain);
		return { ms, peakBytes: meter.reading.peakBytes };
	},

	async keepAnswer(request, { signal }) {
		return keepAnswer(whatIsLoaded(), request, signal).catch(explain);
	},

	async compareAnswer(request, { signal }) {
		return compareAnswer(whatIsLoaded(), request, signal).catch(explain);
	},

	async unload() {
		unloading = true;
		await engine?.unload();
		engine = null;
		loadedId = null;
		return meter.reading;
	}
});

if ('gpu' in navigator) {
	meter.install();
	pipelines.install();
	earlyDevice.install();
}
heap.install();
if ('caches' in globalThis) {
	arriving.install();
	readAhead.install();
	gate.install();
}
setInterval(() => emit('alive', null), HEARTBEAT_MS);

const sameReading = (a: MeterReading, b: MeterReading | null) =>
	a.liveBytes === b?.liveBytes && a.peakBytes === b.peakBytes && a.buffers === b.buffers;

function whatIsLoaded(): Loaded {
	if (!engine || !loadedId) throw new Failure('nothing-loaded', 'No model is loaded.');
	return { engine, modelId: loadedId };
}

let imported: Promise<typeof import('@mlc-ai/web-llm')> | undefined;
function webllm() {
	return (imported ??= import('@mlc-ai/web-llm'));
}

/** Begins to load, as far as the gate. */
async function begin(request: LoadRequest, onCompiled: OnCompiled): Promise<Begun> {
	const { record, overrides, tokenSampling } = request;
	if (engine) throw new Failure('engine', 'This worker has already loaded a model.');
	const early = ahead ?? compileKnown(record.model_lib, onCompiled);
	const { MLCEngine } = await webllm();
	void gate.close();
	const lean = tokenSampling === 'lean' ? new LeanSampling() : null;
	engine = new MLCEngine({
		appConfig: { model_list: [record], cacheBackend: 'cache' },
		...(lean && { logitProcessorRegistry: new Map([[record.model_id, lean.processor]]) }),
		logLevel: 'ERROR',
		initProgressCallback: ({ text }) => {
			const phase = phaseOf(text);
			if (phase) tellPhase(withHeap(phase));
		}
	});
	const startMs = performance.now();
	const loaded = engine.reload(record.model_id, overrides);
	const atGate = gate.reachedBy(loaded, () => meter.reading.liveBytes > 0);
	// Whoever waits at the gate, or for the load, is told.
	loaded.catch(() => undefined);
	const compiled = early.then(async (known) => {
		if (!known) await compileAtGate(record.model_lib, atGate, onCompiled);
	});
	return { request, lean, startMs, preparedMs: 0, atGate, compiled, loaded };
}

type OnCompiled = (done: number, total: number) => void;

/**
 * Compiles what an earlier load of the library asked for, on the device that the engine will be given. Resolves with
 * false where it is not known, or there is no such device now.
 */
async function compileKnown(libraryUrl: string, onCompiled: OnCompiled): Promise<boolean> {
	try {
		const known = await compiledBefore.get(libraryUrl);
		if (!known?.device || known.pipelines.length === 0) return false;
		if (!(await earlyDevice.request(known.device))) return false;
		await compile(known.pipelines, onCompiled);
		return true;
	} catch {
		return false;
	}
}

/** The same once the engine has its device, or else of what the library holds. */
async function compileAtGate(libraryUrl: string, atGate: Promise<void>, onCompiled: OnCompiled) {
	try {
		const known = compiledBefore.get(libraryUrl).catch(() => null);
		await atGate;
		const stored = (await known)?.pipelines ?? [];
		await compile(stored.length > 0 ? stored : await shadersOf(libraryUrl), onCompiled);
	} catch {
		// Whoever waits for the load is told why it did not come so far.
	}
}

/** What fails the engine asks for itself, and is told why. */
const compile = (specs: readonly PipelineSpec[], onCompiled: OnCompiled) =>
	pipelines.make(specs, (done) => onCompiled(done, specs.length));

/** The engine has read it by now: it is there. */
async function shadersOf(libraryUrl: string): Promise<PipelineSpec[]> {
	const library = await (await openCache('library')).match(libraryUrl);
	return library ? shadersIn(new Uint8Array(await library.arrayBuffer())) : [];
}

/** Keeps what the engine had compiled, for the next load. Without it that load compiles later, and no worse. */
async function remember(libraryUrl: string, asked: PipelineSpec[]) {
	const device = earlyDevice.asked ?? undefined;
	const record = { version: 1 as const, pipelines: asked, ...(device && { device }) };
	if (JSON.stringify(await compiledBefore.get(libraryUrl)) === JSON.stringify(record)) return;
	await compiledBefore.set(libraryUrl, record);
}

const withHeap = (phase: LoadPhase): LoadPhase => ({
	...phase,
	...(heap.bytes !== null && { heapBytes: heap.bytes })
});

/** The engine tells its phase only in prose. */
function phaseOf(text: string): LoadPhase | null {
	const shaders = /shader modules?\[(\d+)\/(\d+)\]/i.exec(text);
	if (shaders) return { phase: 'compiling', done: Number(shaders[1]), total: Number(shaders[2]) };
	const uploaded = /from cache\[\d+\/\d+\].*?(\d+)% completed/i.exec(text);
	if (uploaded) return { phase: 'uploading', doneRatio: Number(uploaded[1]) / 100 };
	return null;
}

/** Throws what happened in our words: the engine's own text often names only the last consequence. */
async function explain(thrown: unknown): Promise<never> {
	// An uncaptured error and the loss of the device arrive one task after the call they belong to.
	await new Promise((resolve) => setTimeout(resolve));
	throw engineFailure(thrown, { gpuError, deviceLost });
}

/** The more tokens a prompt has, the longer it is read. Given a single one, the engine would decode instead. */
const SHORTEST_PROMPT = [0, 1];

async function firstToken(engine: MLCEngine) {
	const token: unknown = await engine.forwardTokensAndSample(SHORTEST_PROMPT, true);
	if (typeof token !== 'number')
		throw new Failure('nothing-loaded', 'The engine loaded, but made no token.');
	await engine.resetChat();
}

function request(
	messages: ChatCompletionMessageParam[],
	sampling: Sampling,
	ignoreEos: boolean | undefined
): ChatCompletionRequestStreaming {
	const { temperature, topP, presencePenalty, frequencyPenalty, repetitionPenalty } = sampling;
	const { maxTokens, seed, stop, json, thinking } = sampling;
	const schema = schemaOf(json);
	const problem = schema === null ? null : schemaProblem(schema);
	if (problem) throw new Failure('bad-schema', `The JSON Schema cannot be used: ${problem}`);
	return {
		messages,
		stream: true,
		stream_options: { include_usage: true },
		temperature,
		top_p: topP,
		presence_penalty: presencePenalty,
		frequency_penalty: frequencyPenalty,
		...(repetitionPenalty !== undefined && { repetition_penalty: repetitionPenalty }),
		...(maxTokens !== null && { max_tokens: maxTokens }),
		...(seed !== null && { seed }),
		...(stop.length > 0 && { stop }),
		...(schema !== null && { response_format: { type: 'json_object' as const, schema } }),
		...(ignoreEos && { ignore_eos: true }),
		...(thinking !== undefined && { extra_body: { enable_thinking: thinking } })
	};
}

async function generate(
	engine: MLCEngine,
	request: ChatCompletionRequestStreaming,
	signal: AbortSignal,
	text: ReturnType<typeof inBatches>
): Promise<GenerateResult> {
	const startMs = performance.now();
	let firstMs: number | null = null;
	const result: GenerateResult = {
		finish: 'stop',
		promptTokens: 0,
		completionTokens: 0,
		prefillTokensPerSecond: 0,
		decodeTokensPerSecond: 0,
		timeToFirstTokenMs: 0
	};
	// The stream must be drained after an interrupt: its end releases the engine's lock.
	const interrupt = () => void engine.interruptGenerate();
	signal.addEventListener('abort', interrupt, { once: true });
	try {
		for await (const chunk of await engine.chat.completions.create(request)) {
			// An interrupt sent before the first chunk is reset by the engine when the call begins.
			if (signal.aborted) interrupt();
			const choice = chunk.choices[0];
			firstMs ??= performance.now() - startMs;
			if (choice?.delta.content) text.add(choice.delta.content);
			if (choice?.finish_reason === 'length') result.finish = 'length';
			if (choice?.finish_reason === 'abort') result.finish = 'stopped';
			if (chunk.usage) {
				result.promptTokens = chunk.usage.prompt_tokens;
				result.completionTokens = chunk.usage.completion_tokens;
				result.prefillTokensPerSecond = chunk.usage.extra.prefill_tokens_per_s;
				result.decodeTokensPerSecond = chunk.usage.extra.decode_tokens_per_s;
			}
		}
	} finally {
		signal.removeEventListener('abort', interrupt);
		text.flush();
	}
	result.timeToFirstTokenMs = firstMs ?? performance.now() - startMs;
	return result;
}

/** Passes on the first text at once, and what follows no oftener than the page draws it. */
function inBatches(send: (text: string) => void, drawMs: number) {
	let gathered = '';
	let sentMs = -Infinity;
	let timer: ReturnType<typeof setTimeout> | null = null;
	const flush = () => {
		if (timer !== null) clearTimeout(timer);
		timer = null;
		if (gathered === '') return;
		send(gathered);
		gathered = '';
		sentMs = performance.now();
	};
	return {
		add(text: string) {
			gathered += text;
			const waitMs = sentMs + drawMs - performance.now();
			if (waitMs <= 0) flush();
			else timer ??= setTimeout(flush, waitMs);
		},
		flush
	};
}
