/** Every figure of the bench: its unit, its limit, and where the limit comes from. */
export interface Limit {
	unit: 'bytes' | 'ms' | 'ratio' | 'tokens/s';
	/** null: reported, not judged. */
	atMost?: number;
	atLeast?: number;
	/** What is counted, in a few words. */
	counts: string;
}

// No limit: on a software GPU copies are cheap and computing is dear.
const LEAN =
	'bare worker: tokens/s with sampling on the CPU : with the engine’s own, median of the pairs';

export const limits = {
	pageScriptGzipBytes: {
		unit: 'bytes',
		atMost: 80_000,
		counts:
			'scripts that the page needs before the composer takes a message, by the graph of the build, each gzipped alone'
	},
	panelScriptGzipBytes: {
		unit: 'bytes',
		counts: 'with those that have come when a model can be loaded: panel and list of conversations'
	},
	workerScriptGzipBytes: {
		unit: 'bytes',
		counts: 'scripts of the workers that the page names, the engine included'
	},
	decodeRatio: {
		unit: 'ratio',
		atLeast: 0.98,
		counts: 'tokens/s from first text to last on the page : in a bare worker, median of the rounds'
	},
	undrawnDecodeRatio: {
		unit: 'ratio',
		counts:
			'the same of the page’s engine with nothing drawn: what decodeRatio lacks beyond this is drawing, the rest protocol and meter'
	},
	apiOverheadRatio: {
		unit: 'ratio',
		atLeast: 0.95,
		counts:
			'one request of 400 tokens through the local server: the engine’s decode seconds : the client’s from the first delta to the last, median'
	},
	apiFirstByteMs: {
		unit: 'ms',
		atMost: 15,
		counts:
			'first delta of a program through the local server, beyond that of a script in the page: medians'
	},
	remoteLagMs: {
		unit: 'ms',
		atMost: 50,
		counts:
			'a server’s recorded stream of 300 tokens at 200 tokens/s: last token painted, after a plain reader in the same browser has it: median'
	},
	ownServerTokensPerSecond: {
		unit: 'tokens/s',
		counts: 'a real llama-server with pocket, on one thread, as the page says it: median'
	},
	measureTgRatio: {
		unit: 'ratio',
		atLeast: 0.97,
		atMost: 1.03,
		counts:
			'tokens/s of the benchmark’s tg128 : of the same loop in a bare worker, median of the pairs'
	},
	qualityRatio: {
		unit: 'ratio',
		atMost: 1.2,
		counts:
			'time per forced and compared position : a step of the bare engine that reads its logits back, median of the pairs'
	},
	leanDecodeRatioQ4f32: { unit: 'ratio', counts: LEAN },
	leanDecodeRatioQ0f32: { unit: 'ratio', counts: LEAN },
	leanDecodeRatioQ4f16: { unit: 'ratio', counts: LEAN },
	leanDecodeRatioQ0f16: { unit: 'ratio', counts: LEAN },
	leanChoiceMs: {
		unit: 'ms',
		atMost: 3,
		counts: 'one token chosen on the CPU from 151,936, penalties included, in a worker: median'
	},
	longestTaskMs: {
		unit: 'ms',
		atMost: 50,
		counts: 'longest task of the main thread while 400 tokens stream'
	},
	longestTaskCpuMs: {
		unit: 'ms',
		counts: 'the longest by the thread’s own clock: what is not waiting for a busy machine'
	},
	estimateErrorBytes: {
		unit: 'bytes',
		atMost: 0,
		counts: 'worst variant of pocket: planned after load against buffers counted in the worker'
	},
	peakErrorRatio: {
		unit: 'ratio',
		atMost: 0.02,
		counts: 'worst variant of pocket: planned peak against the highest count, one chat included'
	},
	planErrorBytes: {
		unit: 'bytes',
		atMost: 0,
		counts: 'worst of pocket at four windows: planned after load against the count'
	},
	planErrorRatio: {
		unit: 'ratio',
		atMost: 0.02,
		counts: 'worst of pocket at four windows: planned peak against the count'
	},
	uncalibratedErrorRatio: {
		unit: 'ratio',
		counts:
			'pocket with hidden sampling buffers: planned peak against the count, nothing loaded before'
	},
	generationErrorRatio: {
		unit: 'ratio',
		atMost: 0.02,
		counts: 'the same of a second variant at another window, after the first one was loaded'
	},
	swapMs: {
		unit: 'ms',
		counts: 'click on Swap until Loaded, both variants on disk, 1.5 s after the new one was chosen'
	},
	firstVisitNavigationMs: {
		unit: 'ms',
		counts: 'first visit, from the beginning of its navigation: the document has come, median'
	},
	composerUsableMs: { unit: 'ms', counts: 'the composer takes text' },
	firstVisitReadyMs: { unit: 'ms', counts: 'a model can be loaded' },
	firstVisitEngineMs: { unit: 'ms', counts: 'the engine’s script has come to its worker' },
	firstVisitMs: { unit: 'ms', counts: 'pocket, loaded at once, has made its first token' },
	composerUsableRatio: {
		unit: 'ratio',
		atMost: 0.8,
		counts: 'composerUsableMs : that of the build in BASELINE, by turns, median of the pairs'
	},
	firstVisitRatio: { unit: 'ratio', counts: 'firstVisitMs : that of the build in BASELINE' },
	coldLoadRatio: {
		unit: 'ratio',
		atMost: 1,
		counts:
			'240 MB at 50 MB/s, nothing on disk, first load of a visit: click to one token : reload and one token in a new bare worker, median of the pairs'
	},
	warmLoadRatio: {
		unit: 'ratio',
		atMost: 0.9,
		counts: 'the same with its files on disk'
	},
	firstWordRatio: {
		unit: 'ratio',
		counts:
			'the same, asked at once: click to the first text of the answer : load and first text in a new bare worker'
	},
	hostMemoryRatio: {
		unit: 'ratio',
		atMost: 1.05,
		counts:
			'240 MB from disk: the most that the renderers hold beyond what they held before : of the bare engine, median of the pairs'
	},
	pocketColdLoadRatio: { unit: 'ratio', counts: 'coldLoadRatio of pocket, from a local server' },
	pocketWarmLoadRatio: { unit: 'ratio', atMost: 0.9, counts: 'warmLoadRatio of pocket' },
	reloadMs: { unit: 'ms', counts: 'the bare engine: reload of the same variant and one token' },
	swapRatio: { unit: 'ratio', atMost: 1.15, counts: 'swapMs : reloadMs, median of the pairs' },
	swapAtOnceMs: { unit: 'ms', counts: 'swapMs without the 1.5 s' },
	swapAtOnceRatio: {
		unit: 'ratio',
		atMost: 1.1,
		counts: 'swapAtOnceMs : reloadMs, median of the pairs'
	},
	swapGapMs: {
		unit: 'ms',
		counts: 'time without a usable model in a swap of two that do not fit together'
	},
	swapGapRatio: { unit: 'ratio', atMost: 1.1, counts: 'swapGapMs : reloadMs, median of the pairs' },
	overlapSwapGapMs: {
		unit: 'ms',
		counts: 'time without a usable model in a swap of two that fit together'
	},
	overlapSwapGapRatio: {
		unit: 'ratio',
		atMost: 0.1,
		counts: 'overlapSwapGapMs : reloadMs, median of the pairs'
	},
	queueGapMs: {
		unit: 'ms',
		counts:
			'two messages of over 300 tokens: end of the first answer to the first text of the queued one'
	},
	queueIdleMs: {
		unit: 'ms',
		counts: 'of queueGapMs: until the engine was asked the second question'
	},
	queueGapRatio: {
		unit: 'ratio',
		atMost: 1.1,
		counts: 'queueGapMs : the same requests back to back in a bare worker, median of the pairs'
	},
	preflightMs: {
		unit: 'ms',
		atMost: 300,
		counts: 'a variant is chosen until its exact plan is shown, local server, nothing cached'
	},
	downloadRatio: {
		unit: 'ratio',
		atLeast: 0.9,
		counts:
			'64 MB in 16 files, as fast as this machine sends: bytes/s of our download, checked and on disk : of plain parallel fetches into nothing'
	},
	pacedDownloadRatio: {
		unit: 'ratio',
		counts: 'downloadRatio over a line of 50 MB/s'
	},
	countTokensMs: {
		unit: 'ms',
		atMost: 20,
		counts:
			'10,000 characters by a tokenizer.json, in its worker: median, the way there and back included'
	},
	streamUpdateMs: {
		unit: 'ms',
		atMost: 2,
		counts: 'a 16 kB answer that grows by 8 characters: median update, layout included'
	},
	streamUpdateWorstMs: {
		unit: 'ms',
		atMost: 16,
		counts: 'the slowest of these updates, each the median of three runs'
	},
	hostileUpdateWorstMs: {
		unit: 'ms',
		atMost: 16,
		counts: 'the slowest update of answers that are deep, huge or never closed'
	},
	openConversationMs: {
		unit: 'ms',
		atMost: 150,
		counts: 'click on a conversation of 200 messages until its last message is laid out'
	},
	wholeConversationMs: {
		unit: 'ms',
		counts: 'the same until all of its messages are there, a frame after the other'
	},
	listConversationsMs: {
		unit: 'ms',
		atMost: 200,
		counts:
			'2,000 conversations of 50 messages: from opening the database, while the page starts, until rows are laid out'
	},
	followConversationsMs: {
		unit: 'ms',
		counts: 'the same: from hearing of another tab’s new conversation until its row is laid out'
	},
	searchConversationsMs: {
		unit: 'ms',
		atMost: 300,
		counts: 'the first search in them, from the last key, its delay included'
	}
} as const satisfies Record<string, Limit>;

export type Name = keyof typeof limits;

/** A figure, or why there is none. */
export type Figure = number | { notMeasured: string };
export type Figures = Partial<Record<Name, Figure>>;

export function missed(name: Name, figure: Figure): boolean {
	const { atMost, atLeast }: Limit = limits[name];
	if (typeof figure !== 'number') return false;
	if (!Number.isFinite(figure)) return true;
	return (atMost !== undefined && figure > atMost) || (atLeast !== undefined && figure < atLeast);
}
