import { Failure } from '../rpc/failure.ts';

/** Who asks. A lower class waits for every higher one. */
export const REQUEST_CLASSES = ['chat', 'program', 'measurement'] as const;
export type RequestClass = (typeof REQUEST_CLASSES)[number];

export interface QueuedRequest {
	readonly id: string;
	/** On whose behalf: a conversation's id, or a program's name. */
	readonly origin: string;
	readonly class: RequestClass;
	/** Grows with every request; one that runs again keeps its own. */
	readonly order: number;
	/** On the clock of the caller, like every time here. */
	readonly queuedAtMs: number;
	/** null: it waits. */
	readonly startedAtMs: number | null;
}

/** The requests in front of one engine, which answers one at a time. */
export interface RequestQueue {
	readonly running: QueuedRequest | null;
	/** In the order in which they will run. */
	readonly waiting: readonly QueuedRequest[];
	/** Why nothing is started, although requests wait; null: they are. */
	readonly held: Failure | null;
	/** Origins whose last request awaits a decision: their other requests wait for it, and nobody else's. */
	readonly blocked: readonly string[];
	readonly nextOrder: number;
	/** How long the latest completed requests ran. */
	readonly recentMs: readonly number[];
}

export const MAX_WAITING = 64;
/** Older ones were of another model, or of another subject. */
const RECENT = 8;

export const EMPTY_QUEUE: RequestQueue = {
	running: null,
	waiting: [],
	held: null,
	blocked: [],
	nextOrder: 1,
	recentMs: []
};

export const isFull = ({ waiting }: RequestQueue): boolean => waiting.length >= MAX_WAITING;

/**
 * Adds a request behind those of its class. With the `order` it had before, it goes back to that place.
 * Throws a `queue-full` Failure.
 */
export function add(
	queue: RequestQueue,
	request: Pick<QueuedRequest, 'id' | 'origin' | 'class'> & { order?: number | undefined },
	nowMs: number
): RequestQueue {
	if (isFull(queue))
		throw new Failure('queue-full', `${MAX_WAITING} requests are waiting already.`, {
			expected: `fewer than ${MAX_WAITING}`,
			found: queue.waiting.length
		});
	const order = request.order ?? queue.nextOrder;
	return {
		...queue,
		waiting: inOrder([
			...queue.waiting,
			{
				id: request.id,
				origin: request.origin,
				class: request.class,
				order,
				queuedAtMs: nowMs,
				startedAtMs: null
			}
		]),
		nextOrder: Math.max(queue.nextOrder, order + 1)
	};
}

/** What is to be started now; null: nothing. */
export function next({ running, held, waiting, blocked }: RequestQueue): QueuedRequest | null {
	if (running || held) return null;
	return waiting.find(({ origin }) => !blocked.includes(origin)) ?? null;
}

/** Starts a waiting request. */
export function begin(queue: RequestQueue, id: string, nowMs: number): RequestQueue {
	const request = queue.waiting.find((each) => each.id === id);
	if (!request || queue.running) return queue;
	return {
		...queue,
		running: { ...request, startedAtMs: nowMs },
		waiting: queue.waiting.filter((each) => each !== request)
	};
}

/** The running request has ended; `completed`: by itself, so its time tells of the next ones. */
export function finish(
	queue: RequestQueue,
	id: string,
	nowMs: number,
	{ completed }: { completed: boolean }
): RequestQueue {
	const { running } = queue;
	if (running?.id !== id) return queue;
	return {
		...queue,
		running: null,
		recentMs: completed ? [...queue.recentMs, ranMs(running, nowMs)].slice(-RECENT) : queue.recentMs
	};
}

/**
 * The running request was not answered: it waits in its old place. `why`: nothing is started until `goOn`; null: it
 * starts over.
 */
export function putBack(queue: RequestQueue, id: string, why: Failure | null): RequestQueue {
	const { running } = queue;
	if (running?.id !== id) return queue;
	return {
		...queue,
		running: null,
		waiting: inOrder([...queue.waiting, { ...running, startedAtMs: null }]),
		held: why ?? queue.held
	};
}

/** Starts nothing more until `goOn`; an empty queue has nothing to hold. */
export const hold = (queue: RequestQueue, why: Failure): RequestQueue =>
	queue.waiting.length === 0 ? queue : { ...queue, held: why };

export const goOn = (queue: RequestQueue): RequestQueue =>
	queue.held ? { ...queue, held: null } : queue;

export const block = (queue: RequestQueue, origin: string): RequestQueue =>
	queue.blocked.includes(origin) ? queue : { ...queue, blocked: [...queue.blocked, origin] };

export const unblock = (queue: RequestQueue, origin: string): RequestQueue =>
	queue.blocked.includes(origin)
		? { ...queue, blocked: queue.blocked.filter((each) => each !== origin) }
		: queue;

/** Takes waiting requests out. The running one ends by itself, or is stopped by whoever runs it. */
export function cancel(
	queue: RequestQueue,
	which: (request: QueuedRequest) => boolean
): RequestQueue {
	const waiting = queue.waiting.filter((request) => !which(request));
	if (waiting.length === queue.waiting.length) return queue;
	return { ...queue, waiting, held: waiting.length === 0 ? null : queue.held };
}

/** How many run or wait before it; null: it is not here. */
export function ahead({ running, waiting }: RequestQueue, id: string): number | null {
	if (running?.id === id) return 0;
	const index = waiting.findIndex((request) => request.id === id);
	return index < 0 ? null : index + (running ? 1 : 0);
}

/**
 * An estimate of the milliseconds until a request is answered, from the mean time of the latest ones; null: nothing was
 * completed yet, or it waits for a decision.
 */
export function leftMs(queue: RequestQueue, id: string, nowMs: number): number | null {
	const before = ahead(queue, id);
	const { recentMs, running, held, blocked, waiting } = queue;
	if (before === null || recentMs.length === 0) return null;
	const waits = waiting.find((request) => request.id === id);
	if (waits && (held || blocked.includes(waits.origin))) return null;
	const meanMs = recentMs.reduce((sum, each) => sum + each, 0) / recentMs.length;
	const runningLeftMs = running ? Math.max(0, meanMs - ranMs(running, nowMs)) : 0;
	const whole = running ? before : before + 1;
	return runningLeftMs + whole * meanMs;
}

/** A clock that was set back has not run. */
const ranMs = ({ startedAtMs }: QueuedRequest, nowMs: number): number =>
	Math.max(0, nowMs - (startedAtMs ?? nowMs));

function inOrder(requests: readonly QueuedRequest[]): QueuedRequest[] {
	return [...requests].sort(
		(a, b) =>
			REQUEST_CLASSES.indexOf(a.class) - REQUEST_CLASSES.indexOf(b.class) || a.order - b.order
	);
}
