/** Runs in the engine's worker of the site: when requests and answers pass, by the worker's own clock. No imports. */

interface Passed {
	/** The request came in. */
	askedMs: number;
	/** The first text went out. */
	firstTextMs: number;
	/** The answer went out. */
	endMs: number;
	promptTokens: number;
}

interface Exchange {
	/** Answers since `begin`, in their order. */
	passed: Passed[];
	begin(): void;
	/** Resolves when so many answers have ended. */
	ended(count: number): Promise<Passed[]>;
}

(globalThis as unknown as { exchange: Exchange }).exchange = (() => {
	interface Message {
		type: string;
		id: number;
		name?: string;
		value?: unknown;
	}
	const running = new Map<number, Passed>();
	let whenEnded = () => {};
	const exchange: Exchange = {
		passed: [],
		begin() {
			exchange.passed = [];
		},
		ended: (count) =>
			new Promise((resolve) => {
				whenEnded = () => {
					if (exchange.passed.length >= count) resolve(exchange.passed);
				};
				whenEnded();
			})
	};
	addEventListener('message', ({ data }: MessageEvent<Message>) => {
		if (data.type === 'call' && data.name === 'generate')
			running.set(data.id, {
				askedMs: performance.now(),
				firstTextMs: NaN,
				endMs: NaN,
				promptTokens: NaN
			});
	});
	const scope = globalThis as unknown as { postMessage(message: Message): void };
	const post = scope.postMessage.bind(scope);
	scope.postMessage = (message) => {
		const nowMs = performance.now();
		post(message);
		const answer = running.get(message.id);
		if (!answer) return;
		if (message.type === 'progress' && Number.isNaN(answer.firstTextMs)) answer.firstTextMs = nowMs;
		if (message.type !== 'result') return;
		answer.endMs = nowMs;
		answer.promptTokens = (message.value as { promptTokens: number }).promptTokens;
		running.delete(message.id);
		exchange.passed.push(answer);
		whenEnded();
	};
	return exchange;
})();
