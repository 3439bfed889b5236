import type { App } from '../app/app.svelte.ts';
import type { Handlers } from './handlers.ts';
import { lazily } from '../kit/lazily.ts';
import { CALL_NAMES } from './call-names.ts';
import type { Events } from './events.svelte.ts';
import type {
	CallName,
	CALLS,
	Chunk,
	EventDetail,
	EventName,
	Output,
	Streamed
} from './schemas.ts';
import type { InferInput } from 'valibot';
// Declares `window.headroom`, for the page's own tests as for everybody's programs.
import type { HeadroomEvents } from '../../../static/headroom.d.ts';

type Given<N extends CallName> = InferInput<(typeof CALLS)[N]['input']>;

/** A call whose input may be left out where none of its fields is needed. */
type Call<N extends CallName> =
	Record<never, never> extends Given<N>
		? (input?: Given<N>, options?: { signal?: AbortSignal }) => Promise<Output<N>>
		: (input: Given<N>, options?: { signal?: AbortSignal }) => Promise<Output<N>>;

interface StreamedCall<N extends Streamed> {
	(
		input: Given<N> & { stream: true },
		options?: { signal?: AbortSignal }
	): Promise<AsyncIterableIterator<Chunk<N>, undefined>>;
	(
		input: Given<N> & { stream?: false | undefined },
		options?: { signal?: AbortSignal }
	): Promise<Output<N>>;
}

/** What `window.headroom` is. */
export type HeadroomApi = Readonly<
	{ [N in Exclude<CallName, Streamed>]: Call<N> } & { [N in Streamed]: StreamedCall<N> } & {
		version: 1;
		/** Resolves with the way to stop listening. */
		on: <N extends keyof HeadroomEvents>(
			name: N,
			listener: (detail: HeadroomEvents[N]) => void
		) => Promise<() => void>;
	}
>;

/** Puts `window.headroom` there, whose script is fetched with the first call. */
export function openPageDoor(app: App, page: Window = window) {
	if (Object.hasOwn(page, 'headroom')) return;
	const handlers = lazily<Handlers>(async () => {
		const { Handlers } = await import('./handlers.ts');
		return new Handlers(app, 'page');
	});
	let events: Promise<Events> | null = null;
	const call = async (
		name: CallName,
		input: unknown,
		{ signal }: { signal?: AbortSignal } = {}
	): Promise<unknown> => {
		if (!isStreamed(name, input)) return handlers.call(name, input, { signal });
		const { streamed } = await import('./stream.ts');
		await handlers.check(name, input);
		return streamed<Chunk<Streamed>>(
			async (onChunk, either) => handlers.call(name, input, { signal: either, onChunk }),
			signal
		);
	};
	const api = {
		version: 1,
		...Object.fromEntries(
			CALL_NAMES.map((name) => [
				name,
				(input?: unknown, options?: { signal?: AbortSignal }) => call(name, input, options)
			])
		),
		on: async (name: EventName, listener: (detail: EventDetail<EventName>) => void) => {
			events ??= import('./events.svelte.ts').then(({ Events }) => new Events(app));
			const { ApiError } = await import('./error.ts');
			const { EVENTS } = await import('./schemas.ts');
			if (!Object.hasOwn(EVENTS, name) || typeof listener !== 'function')
				throw new ApiError(
					'invalid_input',
					`Expected one of ${Object.keys(EVENTS).join(', ')} and a function.`
				);
			return (await events).on(name, listener);
		}
	};
	for (const each of Object.values(api)) Object.freeze(each);
	Object.defineProperty(page, 'headroom', {
		value: Object.freeze(api),
		enumerable: true,
		configurable: false,
		writable: false
	});
}

const isStreamed = (name: CallName, input: unknown): name is Streamed =>
	(name === 'chat' || name === 'generate') &&
	typeof input === 'object' &&
	input !== null &&
	'stream' in input &&
	input.stream === true;
