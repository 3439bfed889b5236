import type { GenerateRequest, GenerateResult } from '../engine/protocol.ts';
import type { FromWorker, ToWorker } from '../rpc/contract.ts';
import { toWire, type Failure } from '../rpc/failure.ts';
import { ServerEngine } from './client.ts';
import type { Server } from './record.ts';

export const aServer: Server = {
	id: 'a',
	name: 'Mine',
	kind: 'llama.cpp',
	baseUrl: 'http://127.0.0.1:9/v1',
	key: 'k-secret-1',
	model: 'pocket',
	contextWindow: 2048,
	images: false,
	asks: false
};
/** The id of its engine. */
export const A_SERVER_ID = 'server 127.0.0.1:9 pocket';

const RESULT: GenerateResult = {
	finish: 'stop',
	promptTokens: 9,
	completionTokens: 3,
	prefillTokensPerSecond: 1,
	decodeTokensPerSecond: 1,
	timeToFirstTokenMs: 1
};

/** A fake of the servers' worker: it reaches nobody, and tells what it was started for and asked. */
export class FakeServerWorkers {
	readonly origins: string[] = [];
	readonly asked: GenerateRequest[] = [];
	says: readonly string[] = ['From the server.'];
	/** How each answer ends after its words; null: by being stopped. */
	end: Partial<GenerateResult> | { failure: Failure } | null = {};

	readonly make = (server: Server) => new ServerEngine(server, this.#start);

	readonly #start = (origin: string) => {
		this.origins.push(origin);
		const listeners = new Set<(event: Event) => void>();
		const say = (data: FromWorker) => {
			for (const each of listeners) each(new MessageEvent('message', { data }));
		};
		const result = (id: number, more: Partial<GenerateResult>) =>
			say({ type: 'result', id, value: { ...RESULT, ...more } });
		return Promise.resolve({
			postMessage: (message: ToWorker) => {
				const { id } = message;
				if (message.type === 'abort') return result(id, { finish: 'stopped' });
				this.asked.push((message.params as { request: GenerateRequest }).request);
				queueMicrotask(() => {
					for (const value of this.says) say({ type: 'progress', id, value });
					if (this.end === null) return;
					if ('failure' in this.end)
						say({ type: 'failure', id, failure: toWire(this.end.failure) });
					else result(id, this.end);
				});
			},
			addEventListener: (type: string, listener: (event: Event) => void) =>
				void (type === 'message' && listeners.add(listener)),
			terminate() {}
		});
	};
}
