import type { ChatCompletionRequestNonStreaming, CompletionCreateParamsNonStreaming } from '@mlc-ai/web-llm';

export interface LoadOptions {
	/** Absolute URL of the folder that the build wrote. */
	base: string;
	variant: string;
	contextWindow: number;
	/** Keep the ids and logits of every token drawn (through a LogitProcessor, which costs memory and time). */
	capture: boolean;
	/** Another variant's library, to see a load fail. */
	library?: string;
}

export interface Answer {
	text: string;
	finish: string;
	promptTokens: number;
	completionTokens: number;
	totalTokens: number;
	prefillTokensPerSecond: number;
	decodeTokensPerSecond: number;
	logprobs: { token: string; logprob: number; top: number[] }[];
}

/** One token as the engine drew it. */
export interface Drawn {
	id: number;
	/** The raw logits it was drawn from, f32 [vocab], as base64. */
	logits: string;
}

export interface Measured {
	/** Bytes of the GPU buffers that exist now. */
	liveBytes: number;
	/** The most there were at once since the last measurement. */
	peakBytes: number;
	/** Since the last measurement. */
	buffersCreated: number;
	submits: number;
	dispatches: number;
	/** Objects alive in the library; 0 if none was loaded. */
	objects: number;
	/** Linear memory of the library. */
	wasmBytes: number;
	/** What the shader compiler and the device complained about, ever. */
	gpuErrors: string[];
}

/** Results of launches whose grid is folded, see large-grids in the worker. */
export interface LargeGrid {
	blocks: number;
	wrong: number;
	first: string;
}

export interface Calls {
	load(options: LoadOptions): Promise<void>;
	unload(): Promise<void>;
	reset(): Promise<void>;
	chat(request: ChatCompletionRequestNonStreaming): Promise<Answer>;
	complete(request: CompletionCreateParamsNonStreaming): Promise<Answer>;
	/** Streams and interrupts after some chunks. */
	interrupt(request: ChatCompletionRequestNonStreaming, chunks: number): Promise<Answer>;
	/** What was captured since it was last asked for. */
	drawn(): Promise<Drawn[]>;
	measure(): Promise<Measured>;
	/** Runs kernels of the loaded library on more than 65,535 workgroups. */
	largeGrids(): Promise<Record<string, LargeGrid>>;
	/** Calls of the loaded library that must fail, with what they said, and whether chats work after them. */
	misuse(): Promise<Record<string, string>>;
}
