import type {
	ChatCompletionRequestNonStreaming,
	CompletionCreateParamsNonStreaming,
	ResumeResult
} from '@mlc-ai/web-llm';
import type { PositionDifference } from '../../src/lib/engine/position.ts';

export interface LoadOptions {
	/** Absolute URL of the folder that the build wrote. */
	base: string;
	variant: string;
	contextWindow: number;
	/** Keep the ids and logits of every token drawn (through a LogitProcessor, which costs memory and time). */
	capture: boolean;
	/** Another variant's library, to see a load fail. */
	library?: string;
	/** Choose the tokens on the CPU, as the site does where that saves memory. */
	lean?: boolean;
}

export interface Answer {
	text: string;
	finish: string;
	promptTokens: number;
	completionTokens: number;
	totalTokens: number;
	prefillTokensPerSecond: number;
	decodeTokensPerSecond: number;
	/** Ids of the tokens, without the one that ended the answer. */
	ids: number[];
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

/** An argument of a function of the library: a GPU tensor with these values. */
export interface TensorData {
	shape: number[];
	dtype: 'float32' | 'int32';
	data: number[];
}

export interface Calls {
	load(options: LoadOptions): Promise<void>;
	unload(): Promise<void>;
	reset(): Promise<void>;
	chat(request: ChatCompletionRequestNonStreaming): Promise<Answer>;
	complete(request: CompletionCreateParamsNonStreaming): Promise<Answer>;
	/** Streams, and interrupts after some chunks. */
	interrupt(request: ChatCompletionRequestNonStreaming, chunks: number): Promise<Answer>;
	/** Streams a resumable request, and stops reading after some chunks. */
	leave(
		request: ChatCompletionRequestNonStreaming,
		sessionId: string,
		chunks: number
	): Promise<void>;
	resume(sessionId: string): Promise<ResumeResult>;
	/** Calls of the library's sampling functions since the model was loaded. */
	samplerCalls(): Promise<number>;
	/** What was captured since it was last asked for. */
	drawn(): Promise<Drawn[]>;
	/** Has what is loaded answer each question as the site's measuring of quality does; returns the answers' tokens. */
	keepAnswers(questions: readonly string[], mostTokens: number): Promise<number[][]>;
	/** Compares what is loaded with the answers that were kept last. */
	compareAnswers(): Promise<PositionDifference[][]>;
	measure(): Promise<Measured>;
	/** Calls a function of the library below the engine; the tensors it returns, or the arguments if it returns none. */
	invoke(name: string, args: TensorData[]): Promise<number[][]>;
	/** Steps over `rows` embeddings without preparing the state for them. */
	unpreparedStep(rows: number): Promise<void>;
	/** Runs the embedding, the grammar mask and the sampler on grids of more than 65,535 workgroups. */
	largeGrids(vocab: number): Promise<LargeGrid[]>;
}

/** The outcome of one large launch. */
export interface LargeGrid {
	kernel: string;
	/** Workgroups launched. */
	blocks: number;
	/** Elements that are not what they should be. */
	wrong: number;
}
