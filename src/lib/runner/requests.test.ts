import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import {
	add,
	ahead,
	begin,
	block,
	cancel,
	EMPTY_QUEUE,
	finish,
	goOn,
	hold,
	isFull,
	leftMs,
	MAX_WAITING,
	next,
	putBack,
	REQUEST_CLASSES,
	unblock,
	type RequestClass,
	type RequestQueue
} from './requests.ts';

const gone = new Failure('device-lost', 'The GPU is gone.');
const ask = (
	queue: RequestQueue,
	id: string,
	origin = id,
	kind: RequestClass = 'chat',
	nowMs = 0
) => add(queue, { id, origin, class: kind }, nowMs);
const start = (queue: RequestQueue, nowMs = 0) => {
	const request = next(queue);
	return request ? begin(queue, request.id, nowMs) : queue;
};
const idsOf = ({ waiting }: RequestQueue) => waiting.map(({ id }) => id);
const three = () => ['a', 'b', 'c'].reduce((queue, id) => ask(queue, id), EMPTY_QUEUE);

test('the first to come is the first to run, one at a time', () => {
	const running = start(three());
	expect(running.running?.id).toBe('a');
	expect(next(running)).toBeNull();
	expect(next(finish(running, 'a', 1, { completed: true }))?.id).toBe('b');
});

test('a conversation goes before a program, and a program before a measurement', () => {
	let queue = ask(EMPTY_QUEUE, 'm', 'm', 'measurement');
	queue = ask(queue, 'p', 'p', 'program');
	queue = ask(queue, 'c', 'c', 'chat');
	expect(idsOf(queue)).toEqual(['c', 'p', 'm']);
});

test('one request more than may wait is refused in words, and leaves the queue as it was', () => {
	let queue = start(ask(EMPTY_QUEUE, 'running'));
	for (let i = 0; i < MAX_WAITING; i++) {
		expect(isFull(queue)).toBe(false);
		queue = ask(queue, String(i));
	}
	expect(isFull(queue)).toBe(true);
	expect(() => ask(queue, 'more')).toThrow(/64 requests are waiting already/);
	expect(queue.waiting).toHaveLength(MAX_WAITING);
});

test('what could not be started waits in its old place, and nothing runs until it goes on', () => {
	const held = putBack(start(three()), 'a', gone);
	expect(idsOf(held)).toEqual(['a', 'b', 'c']);
	expect([next(held), held.held]).toEqual([null, gone]);
	expect(next(goOn(held))?.id).toBe('a');
});

test('what was put back without a reason is the next to begin, unless something else holds the queue', () => {
	const again = putBack(start(three()), 'a', null);
	expect(idsOf(again)).toEqual(['a', 'b', 'c']);
	expect([next(again)?.id, again.held]).toEqual(['a', null]);
	expect(putBack(hold(start(three()), gone), 'a', null).held).toBe(gone);
});

test('an origin that awaits a decision holds up its own requests only', () => {
	let queue = ask(ask(ask(EMPTY_QUEUE, '1', 'a'), '2', 'a'), '3', 'b');
	queue = block(finish(start(queue), '1', 1, { completed: false }), 'a');
	expect(next(queue)?.id).toBe('3');
	expect(next(unblock(queue, 'a'))?.id).toBe('2');
});

test('a request that runs again goes before what was asked after it', () => {
	const failed = finish(start(three()), 'a', 1, { completed: false });
	const again = add(failed, { id: 'a2', origin: 'a', class: 'chat', order: 1 }, 2);
	expect(idsOf(again)).toEqual(['a2', 'b', 'c']);
});

test('an empty queue is not held, nor one whose last request was cancelled', () => {
	expect(hold(EMPTY_QUEUE, gone).held).toBeNull();
	expect(cancel(hold(three(), gone), () => true)).toMatchObject({ held: null, waiting: [] });
});

test('each request has the next number, and what is not there changes nothing', () => {
	const queue = start(three());
	expect([queue.running, ...queue.waiting].map((request) => request?.order)).toEqual([1, 2, 3]);
	expect(queue.nextOrder).toBe(4);
	expect(begin(queue, 'b', 0)).toBe(queue);
	expect(begin(three(), 'nobody', 0).running).toBeNull();
	expect(finish(queue, 'b', 0, { completed: true })).toBe(queue);
	expect(putBack(queue, 'b', gone)).toBe(queue);
	expect(cancel(queue, () => false)).toBe(queue);
});

test('the times of the latest eight tell of the next ones, and a clock that was set back of none', () => {
	let queue = EMPTY_QUEUE;
	for (let ms = 1; ms <= 9; ms++)
		queue = finish(start(ask(queue, String(ms))), String(ms), ms, { completed: true });
	expect(queue.recentMs).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
	const back = finish(start(ask(EMPTY_QUEUE, 'a'), 100), 'a', 50, { completed: true });
	expect(back.recentMs).toEqual([0]);
	const running = start(ask({ ...EMPTY_QUEUE, recentMs: [10] }, 'a'), 100);
	expect(leftMs(running, 'a', 50)).toBe(10);
});

describe('the time that is left', () => {
	const known = finish(start(ask(EMPTY_QUEUE, 'x'), 0), 'x', 100, { completed: true });

	test('is unknown before the first answer and for what waits for a decision', () => {
		expect(leftMs(three(), 'b', 0)).toBeNull();
		const queue = ask(ask(known, 'a'), 'b');
		expect(leftMs(queue, 'b', 0)).not.toBeNull();
		expect(leftMs(hold(queue, gone), 'b', 0)).toBeNull();
		expect(leftMs(block(queue, 'b'), 'b', 0)).toBeNull();
		expect(leftMs(queue, 'nobody', 0)).toBeNull();
	});

	test('counts what is before it, what runs and itself', () => {
		const running = start(ask(ask(ask(known, 'a'), 'b'), 'c'), 200);
		expect(['a', 'b', 'c'].map((id) => leftMs(running, id, 230))).toEqual([70, 170, 270]);
		expect(leftMs(running, 'a', 900)).toBe(0);
		expect(['a', 'b', 'c'].map((id) => ahead(running, id))).toEqual([0, 1, 2]);
		expect(leftMs(ask(known, 'a'), 'a', 0)).toBe(100);
	});

	test('tells nothing from answers that were stopped', () => {
		const stopped = finish(start(ask(known, 'a'), 0), 'a', 5, { completed: false });
		expect(stopped.recentMs).toEqual([100]);
	});
});

type Step =
	| { do: 'add'; origin: string; class: RequestClass }
	| { do: 'start' | 'complete' | 'fail' | 'put-back' | 'go-on' | 'hold' }
	| { do: 'block' | 'unblock' | 'cancel-origin'; origin: string }
	| { do: 'cancel'; index: number };

const origin = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('add' as const),
			origin,
			class: fc.constantFrom(...REQUEST_CLASSES)
		})
	},
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constantFrom('start', 'complete', 'fail', 'put-back', 'go-on', 'hold')
		})
	},
	fc.record({ do: fc.constantFrom('block', 'unblock', 'cancel-origin'), origin }),
	fc.record({ do: fc.constant('cancel' as const), index: fc.nat(8) })
);

test('whatever happens, nothing is lost, doubled or overtaken by a later one of its class and origin', () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
			let queue = EMPTY_QUEUE;
			const added: string[] = [];
			const ended: string[] = [];
			const end = (id: string) => ended.push(id);
			steps.forEach((each, nowMs) => {
				const { running } = queue;
				switch (each.do) {
					case 'add':
						if (isFull(queue)) break;
						added.push(String(nowMs));
						queue = ask(queue, String(nowMs), each.origin, each.class, nowMs);
						break;
					case 'start': {
						const request = next(queue);
						if (!request) break;
						for (const other of queue.waiting) {
							if (queue.blocked.includes(other.origin)) continue;
							const better =
								REQUEST_CLASSES.indexOf(other.class) - REQUEST_CLASSES.indexOf(request.class) ||
								other.order - request.order;
							expect(better).toBeGreaterThanOrEqual(0);
						}
						queue = begin(queue, request.id, nowMs);
						break;
					}
					case 'complete':
					case 'fail':
						if (!running) break;
						end(running.id);
						queue = finish(queue, running.id, nowMs, { completed: each.do === 'complete' });
						break;
					case 'put-back':
						if (running) queue = putBack(queue, running.id, nowMs % 2 === 0 ? gone : null);
						break;
					case 'go-on':
						queue = goOn(queue);
						break;
					case 'hold':
						queue = hold(queue, gone);
						break;
					case 'block':
						queue = block(queue, each.origin);
						break;
					case 'unblock':
						queue = unblock(queue, each.origin);
						break;
					case 'cancel-origin':
					case 'cancel': {
						const at = each.do === 'cancel' ? queue.waiting[each.index]?.id : null;
						const which =
							each.do === 'cancel'
								? ({ id }: { id: string }) => id === at
								: (request: { origin: string }) => request.origin === each.origin;
						for (const request of queue.waiting.filter(which)) end(request.id);
						queue = cancel(queue, which);
					}
				}
				const here = [...(queue.running ? [queue.running.id] : []), ...idsOf(queue)];
				expect([...here, ...ended].sort()).toEqual([...added].sort());
				expect(queue.held === null || queue.waiting.length > 0).toBe(true);
			});
			// Whatever was held or blocked, it can go on to the end.
			queue = ['a', 'b', 'c'].reduce(unblock, goOn(queue));
			for (
				let left = added.length;
				left > 0 && (queue.running || queue.waiting.length > 0);
				left--
			) {
				queue = start(queue);
				queue = finish(queue, queue.running?.id ?? '', 0, { completed: true });
			}
			expect([queue.running, queue.waiting]).toEqual([null, []]);
		})
	);
});
