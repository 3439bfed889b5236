import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import * as requests from '../runner/requests.ts';
import type { QueuedRequest, RequestClass, RequestQueue } from '../runner/requests.ts';
import { asFailure, Failure } from '../rpc/failure.ts';
import type { AnswerHost, RunEnding } from './answer-host.ts';
import type { AnswerWriter } from './answer.ts';
import type { Task, Thread, ThreadStatus, TooLong } from './thread.svelte.ts';
import { uuid } from '../kit/uuid.ts';

interface Request {
	thread: Thread;
	task: Task;
	order: number;
	/** Resolves when the question is on the disk; null: it was there before. */
	saved: Promise<unknown> | null;
	/** Its next run: `done` resolves when it was answered, stopped or failed, and that is on the disk. */
	run: Run;
}

/** The engine for something other than answers, for a while. */
export interface Lease {
	/** Aborted when a person stops what runs. The engine is still kept from others until `release`. */
	readonly stopped: AbortSignal;
	readonly release: () => void;
}

interface WaitingLease {
	title: string;
	begin: (stopped: AbortSignal) => void;
	cancel: () => void;
}

interface Run {
	done: Promise<void>;
	end: () => void;
}

function newRun(): Run {
	let end = () => {};
	const done = new Promise<void>((resolve) => (end = resolve));
	return { done, end };
}

type Outcome =
	| { kind: 'answered' | 'stopped' }
	/** Its engine left before the first word: the next one answers. */
	| { kind: 'put-off' }
	/** Whoever loads the model cancelled that. */
	| { kind: 'load-cancelled' }
	| { kind: 'too-long'; verdict: TooLong }
	| { kind: 'failed'; failure: Failure }
	/** It did not come as far as the engine. */
	| { kind: 'not-begun'; failure: Failure };

/** Answers the questions of all conversations, one after another, whichever of them is shown. */
export class Answers {
	queue = $state.raw<RequestQueue>(requests.EMPTY_QUEUE);
	/** Ids of conversations with an answer that ended while another one was shown. */
	readonly unread = new SvelteSet<string>();
	/** The conversation on screen. */
	shown = $state.raw<Thread | null>(null);
	/** Something is being answered, or prepared for it. */
	busy: boolean = $derived(this.queue.running !== null);
	/** How far the running request is, in whichever conversation. */
	status: ThreadStatus = $derived.by(() => {
		const thread = this.queue.running && this.#threads.get(this.queue.running.origin);
		return thread ? thread.status : { kind: 'idle' };
	});
	full: boolean = $derived(requests.isFull(this.queue));

	readonly #host: AnswerHost;
	/** By conversation: those with requests, and those whose failure was not seen yet. */
	readonly #threads = new SvelteMap<string, Thread>();
	readonly #requests = new SvelteMap<string, Request>();
	readonly #leases = new SvelteMap<string, WaitingLease>();
	/** What ends the running request; `stopped`: somebody wants no answer, whatever ended it first. */
	#run: { controller: AbortController; stopped: boolean } | null = null;
	#writer: Promise<AnswerWriter> | null = null;

	constructor(host: AnswerHost) {
		this.#host = host;
	}

	/** Fetches what writes answers ahead of the first one. */
	async prepare() {
		await this.#answerWriter().catch(() => undefined);
	}

	/** The conversation as it is being answered; undefined: it is not. */
	thread(conversationId: string): Thread | undefined {
		return this.#threads.get(conversationId);
	}

	titleOf({ origin }: QueuedRequest): string {
		const lease = this.#leases.get(origin);
		return lease?.title ?? (this.#threads.get(origin)?.conversation.title || 'New conversation');
	}

	/** What waits in a conversation: its requests, in their order. */
	waitingIn(conversationId: string): readonly QueuedRequest[] {
		return this.queue.waiting.filter(({ origin }) => origin === conversationId);
	}

	/** The request that will answer a question; undefined: none waits. */
	waitingFor(questionId: string): QueuedRequest | undefined {
		return this.queue.waiting.find(
			({ id }) => this.#requests.get(id)?.task.questionId === questionId
		);
	}

	/** What a request that runs or waits is to write. */
	taskOf(id: string): Task | undefined {
		return this.#requests.get(id)?.task;
	}

	/** The question that is being answered; null: none, or an answer is continued. */
	get runningQuestion(): string | null {
		const { running } = this.queue;
		return (running && this.#requests.get(running.id)?.task.questionId) ?? null;
	}

	/**
	 * Queues an answer and resolves when it is complete, stopped or failed. Asking again takes the place of what
	 * failed in this conversation, and lets a queue that was held go on. Throws a `queue-full` Failure.
	 */
	ask(
		thread: Thread,
		task: Task,
		{ saved, order }: { saved?: Promise<unknown>; order?: number | undefined } = {}
	): Promise<void> {
		const { id: origin } = thread.conversation;
		const id = uuid();
		const queue = requests.add(this.queue, { id, origin, class: 'chat', order }, performance.now());
		const run = newRun();
		this.#threads.set(origin, thread);
		this.#requests.set(id, {
			thread,
			task,
			order: order ?? this.queue.nextOrder,
			saved: saved ?? null,
			run
		});
		thread.unfinished = null;
		if (thread.status.kind === 'failed' || thread.status.kind === 'too-long')
			thread.status = { kind: 'idle' };
		this.queue = requests.goOn(requests.unblock(queue, origin));
		this.#next();
		return run.done;
	}

	/**
	 * Keeps the engine from answers until it is released. It waits for everything that a person asked, and what is asked
	 * from then on waits for it. Throws a `queue-full` Failure, or `cancelled` when that was aborted or cancelled before
	 * its turn.
	 */
	lease(
		title: string,
		signal: AbortSignal,
		as: Exclude<RequestClass, 'chat'> = 'measurement'
	): Promise<Lease> {
		const id = uuid();
		this.queue = requests.add(this.queue, { id, origin: id, class: as }, performance.now());
		return new Promise((resolve, reject) => {
			const withdraw = () => this.#cancel((request) => request.id === id);
			signal.addEventListener('abort', withdraw, { once: true });
			this.#leases.set(id, {
				title,
				begin: (stopped) => {
					signal.removeEventListener('abort', withdraw);
					resolve({ stopped, release: () => this.#release(id) });
				},
				cancel: () => {
					signal.removeEventListener('abort', withdraw);
					reject(new Failure('cancelled', 'Cancelled.'));
				}
			});
			this.#next();
		});
	}

	#release(id: string) {
		if (!this.#leases.delete(id)) return;
		this.#run = null;
		this.queue = requests.finish(this.queue, id, performance.now(), { completed: false });
		this.#next();
	}

	/**
	 * Starts again what was held: everything, or what one conversation was asked to decide. Resolves when the first
	 * request of that conversation has ended.
	 */
	async goOn(conversationId?: string) {
		const queue = requests.goOn(this.queue);
		this.queue = conversationId === undefined ? queue : requests.unblock(queue, conversationId);
		const [first] = conversationId === undefined ? [] : this.waitingIn(conversationId);
		const run = first && this.#requests.get(first.id)?.run;
		this.#next();
		await run?.done;
	}

	/** Starts nothing more, until something is loaded or asked, or a person says so. */
	hold(why: Failure) {
		this.queue = requests.hold(this.queue, why);
	}

	/** Stops the request that runs, if it is this conversation's or none is named; resolves when its words are saved. */
	async stop(conversationId?: string) {
		const { running } = this.queue;
		if (!running || (conversationId !== undefined && running.origin !== conversationId)) return;
		const request = this.#requests.get(running.id);
		const ending: RunEnding = requests.next({ ...this.queue, running: null })
			? 'passed-on'
			: 'stopped';
		if (this.#run) this.#run.stopped = true;
		this.#run?.controller.abort(ending);
		await request?.run.done;
	}

	/**
	 * For whoever is about to end the engine that writes. What was begun stops; what waits for a model, or for its first
	 * word, is answered by the next one.
	 */
	async stopWriting() {
		const { running } = this.queue;
		if (!running || this.status.kind !== 'answering') return;
		const request = this.#requests.get(running.id);
		this.#run?.controller.abort('engine-leaves' satisfies RunEnding);
		await request?.run.done;
	}

	/** Takes a request out of the queue, or stops it. */
	async cancel(id: string) {
		if (this.queue.running?.id === id) return this.stop();
		this.#cancel((request) => request.id === id);
	}

	async cancelAll() {
		this.#cancel(() => true);
		await this.stop();
	}

	/** Ends all requests of a conversation: it is about to be deleted. */
	async endAll(conversationId: string) {
		this.#cancel(({ origin }) => origin === conversationId);
		await this.stop(conversationId);
		this.unread.delete(conversationId);
		this.#forget(conversationId);
	}

	/** Called when another conversation is shown in place of it. */
	left(thread: Thread) {
		const { id } = thread.conversation;
		if (!this.#asked(id)) this.#forget(id);
	}

	#asked(conversationId: string): boolean {
		const { running } = this.queue;
		return running?.origin === conversationId || this.waitingIn(conversationId).length > 0;
	}

	#forget(conversationId: string) {
		this.#threads.delete(conversationId);
		this.queue = requests.unblock(this.queue, conversationId);
	}

	#cancel(which: (request: QueuedRequest) => boolean) {
		const gone = this.queue.waiting.filter(which);
		this.queue = requests.cancel(this.queue, which);
		for (const { id, origin } of gone) {
			const request = this.#requests.get(id);
			this.#requests.delete(id);
			request?.run.end();
			this.#leases.get(id)?.cancel();
			this.#leases.delete(id);
			if (this.#asked(origin)) continue;
			// What had been put back said why it could not be answered.
			if (request?.thread.status.kind === 'failed' && !request.thread.unfinished)
				request.thread.status = { kind: 'idle' };
			if (request?.thread !== this.shown) this.#forget(origin);
		}
	}

	/** Claims the next request before anything is awaited. */
	#next() {
		const waiting = requests.next(this.queue);
		const request = waiting && this.#requests.get(waiting.id);
		const lease = waiting && this.#leases.get(waiting.id);
		if (!waiting || !(request ?? lease)) return;
		this.queue = requests.begin(this.queue, waiting.id, performance.now());
		const controller = new AbortController();
		this.#run = { controller, stopped: false };
		lease?.begin(controller.signal);
		if (!request) return;
		request.thread.status = { kind: 'saving' };
		void this.#answer(request, controller.signal).then((outcome) =>
			this.#settle(waiting, request, outcome)
		);
	}

	async #answer({ thread, task, saved }: Request, signal: AbortSignal): Promise<Outcome> {
		let begun = false;
		const stopped = () => signal.aborted;
		const leaves = () => signal.reason === ('engine-leaves' satisfies RunEnding);
		try {
			const [answerWriter] = await Promise.all([this.#answerWriter(), saved]);
			if (stopped()) return { kind: 'stopped' };
			thread.status = { kind: 'preparing' };
			if (task.enlarge) {
				const { contextWindow, refused } = task.enlarge;
				const enlarged = await this.#host.enlarge(contextWindow, signal);
				if (!enlarged || stopped()) return { kind: 'too-long', verdict: refused };
			}
			const verdict = answerWriter.check(thread, task);
			if (verdict) return { kind: 'too-long', verdict };
			const engine = await this.#host.engine(signal);
			if (stopped()) return { kind: 'stopped' };
			begun = true;
			const written = await answerWriter.write(thread, task, engine, {
				signal,
				shown: () => this.shown === thread
			});
			if (!written && leaves()) return { kind: 'put-off' };
			return { kind: stopped() ? 'stopped' : 'answered' };
		} catch (thrown) {
			const failure = asFailure(thrown);
			if (failure.kind === 'cancelled') return { kind: stopped() ? 'stopped' : 'load-cancelled' };
			if (!begun) return stopped() ? { kind: 'stopped' } : { kind: 'not-begun', failure };
			const counted =
				failure.kind === 'context-full' ? Number(failure.detail.promptTokens ?? 0) : null;
			const verdict =
				counted === null ? null : (await this.#answerWriter()).check(thread, task, counted);
			return verdict ? { kind: 'too-long', verdict } : { kind: 'failed', failure };
		}
	}

	#settle({ id, origin }: QueuedRequest, request: Request, ended: Outcome) {
		const { thread, task, order, run } = request;
		const outcome: Outcome =
			ended.kind === 'put-off' && this.#run?.stopped ? { kind: 'stopped' } : ended;
		this.#run = null;
		thread.status = statusAfter(outcome);
		if (outcome.kind === 'not-begun' || outcome.kind === 'put-off') {
			request.run = newRun();
			const why = outcome.kind === 'not-begun' ? outcome.failure : null;
			this.queue = requests.putBack(this.queue, id, why);
		} else {
			const completed = outcome.kind === 'answered';
			this.queue = requests.finish(this.queue, id, performance.now(), { completed });
			this.#requests.delete(id);
			if (outcome.kind === 'too-long' || outcome.kind === 'failed') {
				thread.unfinished = { task: withoutEnlarging(task), order };
				this.queue = requests.block(this.queue, origin);
			}
			if (outcome.kind === 'load-cancelled')
				this.hold(new Failure('cancelled', 'Loading the model was cancelled.'));
		}
		if (thread !== this.shown && completedOrFailed(outcome)) this.unread.add(origin);
		const saved = thread.save();
		if (thread !== this.shown && !this.#asked(origin) && thread.status.kind === 'idle')
			// Until it is saved, whoever opens it must see what was written.
			void saved.then(() => {
				if (thread !== this.shown && !this.#asked(origin)) this.#forget(origin);
			});
		void saved.then(run.end);
		this.#next();
	}

	#answerWriter(): Promise<AnswerWriter> {
		return (this.#writer ??= import('./answer.ts').then(
			({ AnswerWriter }) => new AnswerWriter(this.#host),
			(thrown: unknown) => {
				this.#writer = null;
				throw thrown;
			}
		));
	}
}

function withoutEnlarging(task: Task): Task {
	const rest = { ...task };
	delete rest.enlarge;
	return rest;
}

const completedOrFailed = ({ kind }: Outcome) =>
	kind !== 'stopped' && kind !== 'put-off' && kind !== 'load-cancelled';

function statusAfter(outcome: Outcome): ThreadStatus {
	switch (outcome.kind) {
		case 'answered':
		case 'stopped':
		case 'put-off':
		case 'load-cancelled':
			return { kind: 'idle' };
		case 'too-long':
			return outcome;
		case 'failed':
		case 'not-begun':
			return { kind: 'failed', failure: outcome.failure };
	}
}
