import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DRAWING_SHARE, Pace, type Clock } from './pace.ts';

/** A clock that is moved by hand, on a machine that takes `drawMs` for every frame. */
function at(drawMs: number) {
	let now = 0;
	let due: { at: number; act: () => void } | null = null;
	const clock: Clock = {
		nowMs: () => now,
		after(ms, act) {
			const own = { at: now + ms, act };
			due = own;
			return () => {
				if (due === own) due = null;
			};
		},
		measureFrame: (tell) => tell(drawMs)
	};
	const pass = (ms: number) => {
		const until = now + ms;
		while (due && due.at <= until) {
			now = due.at;
			const { act } = due;
			due = null;
			act();
		}
		now = until;
	};
	return { clock, pass };
}

/** How often a page that draws in `drawMs` is given text in ten seconds of a hundred tokens each. */
function updates(drawMs: number) {
	const { clock, pass } = at(drawMs);
	let sent = 0;
	const pace = new Pace(() => sent++, clock);
	for (let token = 0; token < 1000; token++) {
		pace.add('x');
		pass(10);
	}
	return sent;
}

test('the first text is passed on at once', () => {
	const sent: string[] = [];
	new Pace((text) => sent.push(text), at(1).clock).add('Hello');
	expect(sent).toEqual(['Hello']);
});

test('text that nothing follows is still passed on', () => {
	const { clock, pass } = at(1);
	const sent: string[] = [];
	const pace = new Pace((text) => sent.push(text), clock);
	pace.add('a');
	pace.add('b');
	expect(sent).toEqual(['a']);
	pass(1_000);
	expect(sent).toEqual(['a', 'b']);
});

test('a machine that draws slowly is given text less often, but never less than five times a second', () => {
	expect(updates(1)).toBeGreaterThan(200);
	expect(updates(4)).toBeLessThan(120);
	expect(updates(1_000)).toBeGreaterThanOrEqual(50);
});

test('the next answer begins at the pace that the one before has found', () => {
	const { clock, pass } = at(1_000);
	const first = new Pace(() => {}, clock);
	for (let token = 0; token < 500; token++) {
		first.add('x');
		pass(10);
	}
	let sent = 0;
	const next = new Pace(() => sent++, clock, first.intervalMs);
	for (let token = 0; token < 100; token++) {
		next.add('x');
		pass(10);
	}
	expect(sent).toBeGreaterThanOrEqual(5);
	expect(sent).toBeLessThan(8);
});

test('whatever the pace, all text arrives once and in order', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.string(), fc.nat(300))), fc.nat(100), (pieces, drawMs) => {
			const { clock, pass } = at(drawMs);
			let received = '';
			const pace = new Pace((text) => (received += text), clock);
			for (const [text, ms] of pieces) {
				pace.add(text);
				pass(ms);
			}
			pace.flush();
			expect(received).toBe(pieces.map(([text]) => text).join(''));
		})
	);
});

test.each([
	[1, 40],
	// 30 times what a frame takes, approached by a quarter.
	[2, 45],
	[4, 60],
	[1_000, 80]
])('after one frame of %d ms it waits %d ms', (drawMs, intervalMs) => {
	const pace = new Pace(() => {}, at(drawMs).clock);
	pace.add('x');
	expect(pace.intervalMs).toBeCloseTo(intervalMs, 9);
});

test('where the processor does the GPU’s work a frame is waited for twice as long', () => {
	const { clock, pass } = at(2);
	const pace = new Pace(() => {}, clock, 40, DRAWING_SHARE.software);
	for (let i = 0; i < 100; i++) {
		pace.add('x');
		pass(200);
	}
	expect(pace.intervalMs).toBeCloseTo(120, 6);
});

test('the slowest machine is given text five times a second', () => {
	const { clock, pass } = at(10_000);
	const pace = new Pace(() => {}, clock);
	for (let i = 0; i < 100; i++) {
		pace.add('x');
		pass(200);
	}
	expect(pace.intervalMs).toBeCloseTo(200, 6);
});

test('text that comes when the wait is over is passed on at once, and nothing without text', () => {
	const { clock, pass } = at(1);
	const sent: string[] = [];
	const pace = new Pace((text) => sent.push(text), clock);
	pace.flush();
	pace.add('a');
	pass(40);
	expect(sent).toEqual(['a']);
	pace.add('b');
	expect(sent).toEqual(['a', 'b']);
	pace.add('c');
	pass(39);
	expect(sent).toEqual(['a', 'b']);
	pass(1);
	pace.flush();
	expect(sent).toEqual(['a', 'b', 'c']);
});

test('text that comes a millisecond too early waits for it', () => {
	const { clock, pass } = at(1);
	const sent: string[] = [];
	const pace = new Pace((text) => sent.push(text), clock);
	pace.add('a');
	pass(39);
	pace.add('b');
	expect(sent).toEqual(['a']);
	pass(1);
	expect(sent).toEqual(['a', 'b']);
});
