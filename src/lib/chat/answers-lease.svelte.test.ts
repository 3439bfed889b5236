import { describe, expect, test, vi } from 'vitest';
import { endless, paused, says, sessionWith, texts } from './session.fixture.ts';

describe('a lease of the engine', () => {
	const forever = new AbortController().signal;

	test('waits for everything that was asked, and what is asked then waits for it', async () => {
		const slow = paused('One.');
		const { session, answers } = sessionWith([slow.reply, says('Two.')]);
		const first = session.send('First');
		await slow.reached;
		let lease: Awaited<ReturnType<typeof answers.lease>> | null = null;
		const leased = answers.lease('A measurement', forever).then((given) => (lease = given));
		const second = session.send('Second');
		expect(answers.queue.waiting.map((each) => each.class)).toEqual(['chat', 'measurement']);
		slow.open();
		await Promise.all([first, second]);
		const { release } = await leased;
		expect(lease).not.toBeNull();
		expect(answers.queue.running && answers.titleOf(answers.queue.running)).toBe('A measurement');
		expect([answers.busy, answers.status.kind]).toEqual([true, 'idle']);
		release();
		expect(answers.busy).toBe(false);
	});

	test('keeps answers waiting until it is released, and only then', async () => {
		const { session, answers } = sessionWith([says('Yes.')]);
		const { release } = await answers.lease('A measurement', forever);
		const sent = session.send('Well?');
		await vi.waitFor(() => expect(answers.queue.waiting).toHaveLength(1));
		expect(texts(session)).toEqual(['Well?']);
		release();
		release();
		await sent;
		expect(texts(session)).toEqual(['Well?', 'Yes.']);
	});

	test('that is released twice leaves alone what runs by then: it can be stopped', async () => {
		const { session, answers } = sessionWith([endless]);
		const { release } = await answers.lease('A measurement', forever);
		const sent = session.send('Well?');
		release();
		release();
		await vi.waitFor(() => expect(texts(session)).toEqual(['Well?', 'Once ']), {
			timeout: 10_000
		});
		await session.stop();
		await sent;
		expect([session.status.kind, answers.busy]).toEqual(['idle', false]);
	});

	test('is told when a person cancels everything, and still has to be released', async () => {
		const { answers } = sessionWith([]);
		const { stopped, release } = await answers.lease('A measurement', forever);
		await answers.cancelAll();
		expect([stopped.aborted, answers.busy]).toEqual([true, true]);
		release();
		expect(answers.busy).toBe(false);
	});

	test('that is aborted or cancelled before its turn is none', async () => {
		const { answers } = sessionWith([]);
		const { release } = await answers.lease('The first', forever);
		const controller = new AbortController();
		const second = answers.lease('The second', controller.signal);
		controller.abort();
		await expect(second).rejects.toMatchObject({ kind: 'cancelled' });
		const third = answers.lease('The third', forever);
		const all = answers.cancelAll();
		await expect(third).rejects.toMatchObject({ kind: 'cancelled' });
		await all;
		expect(answers.queue.waiting).toEqual([]);
		release();
		(await answers.lease('The fourth', forever)).release();
	});
});
