// The types of `window.headroom`, written from the schemas of its calls by scripts/api-types.ts.

// Bytes are bytes, windows are tokens, ratios are 0 to 1, times are milliseconds; null is “not known”.

export interface HeadroomOptions {
	/** Aborting ends the call, waiting or running. */ signal?: AbortSignal;
}

/** What every call that fails throws: `code` to act on, a sentence in `message`. */
export interface HeadroomError extends Error {
	readonly code: string;
	readonly param: string | null;
	readonly error: {
		message: string;
		type: string;
		code: string;
		param: string | null;
	};
}

export type StatusInput = {};

export type StatusOutput = {
	version: number;
	device: {
		ready: boolean;
		problem: string | null;
		name: string | null;
		vendor: string | null;
		architecture: string | null;
		shaderF16: boolean;
		software: boolean;
		maxBufferBytes: number | null;
		maxBindingBytes: number | null;
	};
	memory: {
		state: 'comfortable' | 'moderate' | 'tight' | 'critical' | 'unknown';
		sentence: string | null;
		usedBytes: number;
		peakBytes: number;
		budgetBytes: number | null;
		reserveBytes: number | null;
		source: string | null;
	};
	queue: {
		running: 'chat' | 'program' | 'measurement' | null;
		waiting: number;
		waitingPrograms: number;
		held: string | null;
	};
	loader: string;
	loaded: {
		model: string;
		family: string;
		quantization: string;
		contextWindow: number;
		bytes: number;
		uses: number;
	}[];
	servers: {
		model: string;
		name: string;
		contextWindow: number | null;
		answering: boolean;
	}[];
	recommended: {
		model: string;
		contextWindow: number;
		bytes: number | null;
		sentence: string;
	} | null;
	permitted: boolean;
};

export type PredictionInput = {
	model?: string | undefined;
	inputTokens: number;
	outputTokens: number;
};

export type PredictionOutput = {
	model: string;
	understood: string | null;
	contextWindow: number;
	totalTokens: number;
	marginTokens: number;
	fits: boolean;
	seconds: number | null;
	bytes: number | null;
	verdict: 'fits' | 'tight' | 'blocked';
};

export type OptionsInput = {
	model?: string | undefined;
	contextWindow?: number | undefined;
};

export type OptionsOutput = {
	understood: string | null;
	options: {
		model: string;
		family: string;
		quantization: string;
		bitsPerWeight: number;
		contextWindow: number;
		bytes: number | null;
		marginRatio: number | null;
		confidence: 'declared' | 'manifest' | 'library' | 'measured' | null;
		savedOf32BitRatio: number;
		savedOf16BitRatio: number;
		verdict: 'fits' | 'tight' | 'blocked';
		reasons: string[];
		downloaded: boolean;
		loaded: boolean;
		tokensPerSecond: number | null;
		measured: boolean;
		answers: number;
	}[];
};

export type CalculateInput = {
	parametersBillion?: number | undefined;
	model?: string | undefined;
	priority?: 'quality' | 'balanced' | 'speed' | undefined;
	floor?: string | undefined;
	contextWindow?: number | undefined;
};

export type CalculateOutput = {
	understood: string | null;
	sizes: {
		quantization: string;
		weightsBytes: number;
		kvBytes: number;
		bytes: number;
		mostBytes: number;
		fits: boolean | null;
	}[];
	best: {
		model: string;
		quantization: string;
		contextWindow: number;
		bytes: number | null;
		sentence: string;
	} | null;
};

export type ReloadInput = {
	model?: string | undefined;
	quantization?: string | undefined;
	bits?: 3 | 4 | 16 | 32 | undefined;
	contextWindow?: number | undefined;
};

export type ReloadOutput = {
	model: string;
	understood: string | null;
	quantization: string;
	contextWindow: number;
	bytes: number;
	loadMs: number;
};

export type CacheInput = {};

export type CacheOutput = {
	models: {
		model: string | null;
		state: 'complete' | 'partial' | 'damaged' | 'plan';
		bytes: number;
		freedBytes: number;
		files: number;
		uses: number;
		lastUsedAt: number | null;
		inUse: boolean;
	}[];
	totalBytes: number;
	usedBytes: number | null;
	quotaBytes: number | null;
};

export type ClearCacheInput =
	| {
			model: string;
	  }
	| {
			all: true;
	  };

export type ClearCacheOutput = {
	understood: string | null;
	freedBytes: number;
};

export type StatisticsInput = {
	model?: string | undefined;
};

export type StatisticsOutput = {
	understood: string | null;
	models: {
		model: string;
		answers: {
			begun: number;
			complete: number;
			stopped: number;
			failed: number;
			successRatio: number | null;
		};
		loads: {
			begun: number;
			complete: number;
			failed: number;
		};
		decodeTokensPerSecond: {
			count: number;
			mean: number;
			deviation: number | null;
			min: number;
			max: number;
		} | null;
		prefillTokensPerSecond: {
			count: number;
			mean: number;
			deviation: number | null;
			min: number;
			max: number;
		} | null;
		firstTokenMs: {
			count: number;
			mean: number;
			deviation: number | null;
			min: number;
			max: number;
		} | null;
		loadMs: {
			count: number;
			mean: number;
			deviation: number | null;
			min: number;
			max: number;
		} | null;
	}[];
};

export type ClearStatisticsInput = {};

export type ClearStatisticsOutput = {
	cleared: number;
};

export type ComparisonInput = {
	models: string[];
};

export type ComparisonOutput = {
	baseline: string;
	models: {
		model: string;
		understood: string;
		bytes: number | null;
		savedBytes: number | null;
		tokensPerSecond: number | null;
		measured: boolean;
		speedUp: number | null;
		firstTokenMs: number | null;
		successRatio: number | null;
		answers: number;
	}[];
};

export type SettingsInput = {};

export type SettingsOutput = {
	thresholdRatio: number | null;
	leanSampling: 'automatic' | 'always' | 'never';
	afterFailure: 'stop' | 'ask' | 'fallback';
	idleUnloadMinutes: number | null;
	reserveBytes: number;
	model: string;
	quantization: string;
	contextWindow: number;
};

export type SetSettingsInput = {
	thresholdRatio?: number;
	leanSampling?: 'automatic' | 'always' | 'never';
	afterFailure?: 'stop' | 'ask' | 'fallback';
	idleUnloadMinutes?: number | null;
};

export type SetSettingsOutput = {
	thresholdRatio: number | null;
	leanSampling: 'automatic' | 'always' | 'never';
	afterFailure: 'stop' | 'ask' | 'fallback';
	idleUnloadMinutes: number | null;
	reserveBytes: number;
	model: string;
	quantization: string;
	contextWindow: number;
};

export type MemoryInput = {};

export type MemoryOutput = {
	state: 'comfortable' | 'moderate' | 'tight' | 'critical' | 'unknown';
	sentence: string | null;
	usedBytes: number;
	peakBytes: number;
	budgetBytes: number | null;
	reserveBytes: number | null;
	source: string | null;
};

export type PolicyInput = {};

export type PolicyOutput = {
	mode: 'off' | 'suggest' | 'automatic';
	matrix: {
		memory: number[];
		load: number[];
		cells: (16 | 8 | 4 | 3 | 2)[][];
	};
	pace: {
		dwellMs: number;
		idleMs: number;
		hysteresis: number;
		spacingMs: number;
		mostSwaps: number;
		windowMs: number;
	};
	priority: 'quality' | 'balanced' | 'speed';
	floor: string | null;
	allowWindow: boolean;
	allowFamily: boolean;
};

export type SetPolicyInput = {
	mode?: 'off' | 'suggest' | 'automatic';
	matrix?: {
		memory: number[];
		load: number[];
		cells: (16 | 8 | 4 | 3 | 2)[][];
	};
	pace?: {
		dwellMs: number;
		idleMs: number;
		hysteresis: number;
		spacingMs: number;
		mostSwaps: number;
		windowMs: number;
	};
	priority?: 'quality' | 'balanced' | 'speed';
	floor?: string | null;
	allowWindow?: boolean;
	allowFamily?: boolean;
};

export type SetPolicyOutput = {
	mode: 'off' | 'suggest' | 'automatic';
	matrix: {
		memory: number[];
		load: number[];
		cells: (16 | 8 | 4 | 3 | 2)[][];
	};
	pace: {
		dwellMs: number;
		idleMs: number;
		hysteresis: number;
		spacingMs: number;
		mostSwaps: number;
		windowMs: number;
	};
	priority: 'quality' | 'balanced' | 'speed';
	floor: string | null;
	allowWindow: boolean;
	allowFamily: boolean;
};

export type ModelsInput = {};

export type ModelsOutput = {
	object: 'list';
	data: {
		id: string;
		object: 'model';
		created: number;
		owned_by: string;
		family: string;
		quantization: string;
		loaded: boolean;
	}[];
};

export type ExistsInput = {
	model: string;
};

export type ExistsOutput = {
	exists: boolean;
	model: string | null;
	understood: string;
	candidates: string[];
};

export type ChatInput = {
	model?: string | undefined;
	messages: {
		role: 'system' | 'user' | 'assistant';
		content:
			| string
			| {
					type: 'text';
					text: string;
			  }[];
	}[];
	temperature?: number | undefined;
	top_p?: number | undefined;
	presence_penalty?: number | undefined;
	frequency_penalty?: number | undefined;
	max_tokens?: number | null | undefined;
	seed?: number | null | undefined;
	stop?: string | string[] | null | undefined;
	stream?: boolean | undefined;
	max_completion_tokens?: number | null | undefined;
	response_format?:
		| {
				type: 'text';
		  }
		| {
				type: 'json_object';
		  }
		| {
				type: 'json_schema';
				json_schema: {
					schema: Record<string, unknown>;
				};
		  }
		| undefined;
};

export type ChatOutput = {
	id: string;
	object: 'chat.completion';
	created: number;
	model: string;
	understood: string | null;
	choices: {
		index: number;
		message: {
			role: 'assistant';
			content: string;
			reasoning_content?: string;
		};
		finish_reason: 'stop' | 'length';
	}[];
	usage: {
		prompt_tokens: number;
		completion_tokens: number;
		total_tokens: number;
	};
};

export type GenerateInput = {
	model?: string | undefined;
	prompt: string;
	temperature?: number | undefined;
	top_p?: number | undefined;
	presence_penalty?: number | undefined;
	frequency_penalty?: number | undefined;
	max_tokens?: number | null | undefined;
	seed?: number | null | undefined;
	stop?: string | string[] | null | undefined;
	stream?: boolean | undefined;
};

export type GenerateOutput = {
	id: string;
	object: 'text_completion';
	created: number;
	model: string;
	understood: string | null;
	choices: {
		index: number;
		text: string;
		finish_reason: 'stop' | 'length';
	}[];
	usage: {
		prompt_tokens: number;
		completion_tokens: number;
		total_tokens: number;
	};
};

export type ChatChunk = {
	id: string;
	object: 'chat.completion.chunk';
	created: number;
	model: string;
	choices: {
		index: number;
		delta: {
			role?: 'assistant';
			content?: string;
			reasoning_content?: string;
		};
		finish_reason: 'stop' | 'length' | null;
	}[];
	usage?: {
		prompt_tokens: number;
		completion_tokens: number;
		total_tokens: number;
	};
};

export type GenerateChunk = {
	id: string;
	object: 'text_completion';
	created: number;
	model: string;
	choices: {
		index: number;
		text: string;
		finish_reason: 'stop' | 'length' | null;
	}[];
	usage?: {
		prompt_tokens: number;
		completion_tokens: number;
		total_tokens: number;
	};
};

export interface HeadroomEvents {
	loaded: {
		model: string;
		contextWindow: number;
		bytes: number;
	};
	swapped: {
		model: string;
		from: string;
		gapMs: number | null;
	};
	unloaded: {
		model: string;
	};
	meter: {
		usedBytes: number;
		peakBytes: number;
	};
	queue: {
		running: 'chat' | 'program' | 'measurement' | null;
		waiting: number;
		waitingPrograms: number;
		held: string | null;
	};
	failure: {
		code: string;
		message: string;
		model: string;
	};
}

export interface HeadroomApi {
	/** Raised when a program written for the one before would break. */
	readonly version: 1;
	/** The GPU, its memory, the queue, what is loaded, the person’s own servers, and what is recommended. */
	readonly status: (input?: StatusInput, options?: HeadroomOptions) => Promise<StatusOutput>;
	/** Whether a request of so many tokens fits the context window, and what it takes. */
	readonly prediction: (
		input: PredictionInput,
		options?: HeadroomOptions
	) => Promise<PredictionOutput>;
	/** The quantizations of a family, or of all: memory, savings, verdict, speed. */
	readonly options: (input?: OptionsInput, options?: HeadroomOptions) => Promise<OptionsOutput>;
	/** What a model of a size takes in each quantization, or the best model of the catalogue for a wish. */
	readonly calculate: (
		input?: CalculateInput,
		options?: HeadroomOptions
	) => Promise<CalculateOutput>;
	/** Loads a model, or the one that is chosen with another quantization. What the plan blocks is refused. Needs the person’s permission. */
	readonly reload: (input?: ReloadInput, options?: HeadroomOptions) => Promise<ReloadOutput>;
	/** What lies on disk. */
	readonly cache: (input?: CacheInput, options?: HeadroomOptions) => Promise<CacheOutput>;
	/** Deletes a model’s files, or all. What a tab uses is refused. Needs the person’s permission. */
	readonly clearCache: (
		input: ClearCacheInput,
		options?: HeadroomOptions
	) => Promise<ClearCacheOutput>;
	/** Answers and loads counted on this device. */
	readonly statistics: (
		input?: StatisticsInput,
		options?: HeadroomOptions
	) => Promise<StatisticsOutput>;
	/** Clears the statistics. A person can undo it on the page. Needs the person’s permission. */
	readonly clearStatistics: (
		input?: ClearStatisticsInput,
		options?: HeadroomOptions
	) => Promise<ClearStatisticsOutput>;
	/** Variants side by side: memory and speed, against the first. */
	readonly comparison: (
		input: ComparisonInput,
		options?: HeadroomOptions
	) => Promise<ComparisonOutput>;
	/** What is chosen, and the settings that decide what is loaded. */
	readonly settings: (input?: SettingsInput, options?: HeadroomOptions) => Promise<SettingsOutput>;
	/** Changes settings; what is not named stays. Needs the person’s permission. */
	readonly setSettings: (
		input?: SetSettingsInput,
		options?: HeadroomOptions
	) => Promise<SetSettingsOutput>;
	/** How much GPU memory is used, of how much. */
	readonly memory: (input?: MemoryInput, options?: HeadroomOptions) => Promise<MemoryOutput>;
	/** When the page swaps to another quantization by itself: thresholds, pace, mode. */
	readonly policy: (input?: PolicyInput, options?: HeadroomOptions) => Promise<PolicyOutput>;
	/** Changes when the page swaps by itself; what is not named stays. Needs the person’s permission. */
	readonly setPolicy: (
		input?: SetPolicyInput,
		options?: HeadroomOptions
	) => Promise<SetPolicyOutput>;
	/** All models of the catalogue, then those of the person’s own servers, as OpenAI lists them. */
	readonly models: (input?: ModelsInput, options?: HeadroomOptions) => Promise<ModelsOutput>;
	/** Whether a model of the catalogue, or one of the person’s own servers, has that name, and which. */
	readonly exists: (input: ExistsInput, options?: HeadroomOptions) => Promise<ExistsOutput>;
	/** Answers messages, in OpenAI’s shape. Another model than the loaded one, or a server of the person’s own, needs permission. */
	readonly chat: {
		(
			input: ChatInput & { stream: true },
			options?: HeadroomOptions
		): Promise<AsyncIterableIterator<ChatChunk, undefined>>;
		(
			input: ChatInput & { stream?: false | undefined },
			options?: HeadroomOptions
		): Promise<ChatOutput>;
	};
	/** Answers a prompt, in the shape of OpenAI’s completions. Needs permission where chat does. */
	readonly generate: {
		(
			input: GenerateInput & { stream: true },
			options?: HeadroomOptions
		): Promise<AsyncIterableIterator<GenerateChunk, undefined>>;
		(
			input: GenerateInput & { stream?: false | undefined },
			options?: HeadroomOptions
		): Promise<GenerateOutput>;
	};
	/** Resolves with the way to stop listening. */
	readonly on: <N extends keyof HeadroomEvents>(
		name: N,
		listener: (detail: HeadroomEvents[N]) => void
	) => Promise<() => void>;
}

declare global {
	interface Window {
		/** There once the page has started. */
		readonly headroom?: HeadroomApi;
	}
}
