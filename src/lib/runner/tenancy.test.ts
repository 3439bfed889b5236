import { expect, test, vi } from 'vitest';
import { FakeTabs } from './tabs.fixture.ts';
import { Tenancy } from './tenancy.ts';

const NAME = 'engine /here/';

function tabs() {
	const fake = new FakeTabs();
	const open = (name = NAME) => {
		const { locks, channel, close } = fake.tab();
		const tenancy = new Tenancy({ name, locks, channel, letGoLimitMs: 30 });
		return { tenancy, close };
	};
	return { fake, open };
}
const never = new AbortController().signal;

test('one tab has the engine at a time', async () => {
	const { open } = tabs();
	const [first, second] = [open().tenancy, open().tenancy];
	expect(await first.claim()).toBe(true);
	expect(await second.claim()).toBe(false);
	first.release();
	expect(await second.claim()).toBe(true);
	expect([first.held, second.held]).toEqual([false, true]);
});

test('claiming twice is claiming once', async () => {
	const { open, fake } = tabs();
	const { tenancy } = open();
	expect([await tenancy.claim(), await tenancy.claim()]).toEqual([true, true]);
	tenancy.release();
	await vi.waitFor(() => expect(fake.held()).toEqual([]));
});

test('a tab that closes gives the engine up', async () => {
	const { open } = tabs();
	const first = open();
	await first.tenancy.claim();
	const second = open().tenancy;
	first.close();
	expect(await second.claim()).toBe(true);
});

test('where the site’s data were cleared, a tab opened since leaves the engine to the one that has it', async () => {
	const { open, fake } = tabs();
	const first = open().tenancy;
	await first.claim();
	const lost = vi.fn();
	first.onAsked(lost);
	fake.clear();
	const second = open().tenancy;
	const asked = vi.fn();
	second.onAsked(asked);
	await second.claim();
	await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
	expect([first.held, second.held]).toEqual([true, false]);
	expect(lost).not.toHaveBeenCalled();

	// It can still be taken over.
	first.onAsked(() => first.release());
	expect(await second.takeOver(never)).toBe(true);
	await vi.waitFor(() => expect([first.held, second.held]).toEqual([false, true]));
	expect(asked).toHaveBeenCalledOnce();
});

test('deployments below one origin do not share it', async () => {
	const { open } = tabs();
	expect(await open('engine /here/').tenancy.claim()).toBe(true);
	expect(await open('engine /there/').tenancy.claim()).toBe(true);
});

test('any tab reads who has the engine, without an answer from it', async () => {
	const { open } = tabs();
	const [first, second, third] = [open().tenancy, open().tenancy, open().tenancy];
	third.describe({ model: 'none', conversation: 'Another' });
	first.describe({ model: 'pocket', conversation: 'Old' });
	first.describe({ model: 'pocket', conversation: 'What is VRAM?' });
	await first.claim();
	expect(await second.who()).toEqual({ model: 'pocket', conversation: 'What is VRAM?' });
	expect(await first.who()).toEqual({ model: 'pocket', conversation: 'What is VRAM?' });
	first.release();
	await vi.waitFor(async () => expect(await second.who()).toBeNull());
});

test('a tab that says nothing of itself still has the engine', async () => {
	const { open } = tabs();
	const [first, second] = [open().tenancy, open().tenancy];
	await first.claim();
	expect([await second.occupied(), await second.who()]).toEqual([true, null]);
});

test('what a tab says is cut to a length', async () => {
	const { open } = tabs();
	const [first, second] = [open().tenancy, open().tenancy];
	first.describe({ model: 'm', conversation: 'x'.repeat(5000) });
	await first.claim();
	expect((await second.who())?.conversation).toHaveLength(300);
});

test('a tab that is asked for the engine gives it when it is ready', async () => {
	const { open } = tabs();
	const [first, second] = [open().tenancy, open().tenancy];
	await first.claim();
	first.onAsked(() => setTimeout(() => first.release(), 5));
	expect(await second.takeOver(never)).toBe(true);
	expect([first.held, second.held]).toEqual([false, true]);
});

test('it is taken from a tab that does not answer, which is told', async () => {
	const { open } = tabs();
	const [first, second] = [open().tenancy, open().tenancy];
	await first.claim();
	const asked = vi.fn();
	first.onAsked(asked);
	expect(await second.takeOver(never)).toBe(true);
	await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
	expect([first.held, second.held]).toEqual([false, true]);
	// What it gives up late is not the other tab's.
	first.release();
	expect(await first.claim()).toBe(false);
});

test('a tab that gets the engine after it was asked for gives it, too', async () => {
	const { fake } = tabs();
	const [a, b] = [fake.tab(), fake.tab()];
	const first = new Tenancy({ name: NAME, ...a, letGoLimitMs: 60_000 });
	const second = new Tenancy({ name: NAME, ...b, letGoLimitMs: 60_000 });
	first.onAsked(() => first.release());
	// It asks before the first one is told that it has the lock.
	const claimed = first.claim();
	expect(await second.takeOver(never)).toBe(true);
	expect(await claimed).toBe(true);
	expect([first.held, second.held]).toEqual([false, true]);
});

test('a take-over that is cancelled takes nothing, then or later', async () => {
	const { open } = tabs();
	const [first, second] = [open().tenancy, open().tenancy];
	await first.claim();
	const cancel = new AbortController();
	const taken = second.takeOver(cancel.signal);
	cancel.abort();
	expect(await taken).toBe(false);
	first.release();
	expect(await first.claim()).toBe(true);
	expect(second.held).toBe(false);
});

test('a tab without the engine does not hear that it is asked for', async () => {
	const { open } = tabs();
	const [first, second, third] = [open().tenancy, open().tenancy, open().tenancy];
	const asked = vi.fn();
	third.onAsked(asked);
	await first.claim();
	first.onAsked(() => first.release());
	await second.takeOver(never);
	expect(asked).not.toHaveBeenCalled();
});

test('a tab has eight seconds to give it, and one that has it already asks nobody', async () => {
	const { fake } = tabs();
	const [a, b] = [fake.tab(), fake.tab()];
	const [first, second] = [a, b].map((tab) => new Tenancy({ name: NAME, ...tab }));
	await first!.claim();
	first!.onAsked(() => first!.release());
	const timer = vi.spyOn(globalThis, 'setTimeout');
	const said = vi.spyOn(b.channel, 'postMessage');
	expect(await second!.takeOver(never)).toBe(true);
	const waits = timer.mock.calls.map(([, ms]) => ms);
	timer.mockRestore();
	expect(waits).toContain(8_000);
	said.mockClear();
	expect(await second!.takeOver(never)).toBe(true);
	expect(said).not.toHaveBeenCalled();
});

test('what is said of another time that the engine was had changes nothing', async () => {
	const { fake } = tabs();
	const [a, b] = [fake.tab(), fake.tab()];
	const tenancy = new Tenancy({ name: NAME, ...a });
	const asked = vi.fn();
	tenancy.onAsked(asked);
	await tenancy.claim();
	for (const message of [{ held: 'another' }, { held: 7 }, 'x', null])
		b.channel.postMessage(message);
	await new Promise((resolve) => setTimeout(resolve));
	expect([tenancy.held, asked.mock.calls.length]).toEqual([true, 0]);
});

test('free waits as long as any tab has the engine', async () => {
	const { open } = tabs();
	const [first, second] = [open().tenancy, open().tenancy];
	await first.claim();
	let free = false;
	const waiting = second.free(never).then(() => (free = true));
	await new Promise((resolve) => setTimeout(resolve, 5));
	expect(free).toBe(false);
	first.release();
	await waiting;
});

test('free waits for the engine without having it, and does not stand in the way of a claim', async () => {
	const { open } = tabs();
	const [first, second] = [open().tenancy, open().tenancy];
	await first.claim();
	const waits = [1, 2, 3].map(() => open().tenancy.free(never));
	for (let i = 0; i < 50; i++) {
		first.release();
		void second.free(never);
		expect(await first.claim()).toBe(true);
	}
	first.release();
	await Promise.all(waits);
});

test('without locks one tab is all there is', async () => {
	const { channel } = new FakeTabs().tab();
	const tenancy = new Tenancy({ name: NAME, locks: null, channel });
	expect(await tenancy.claim()).toBe(true);
	expect([tenancy.held, await tenancy.who(), await tenancy.occupied()]).toEqual([
		true,
		null,
		false
	]);
	tenancy.describe({ model: 'm', conversation: 'c' });
	await tenancy.free(never);
	tenancy.release();
	expect(tenancy.held).toBe(false);
});
