import { expect, type Page, type Worker } from 'playwright/test';
import { hasDevice, remember } from '../faults/strike.ts';

/**
 * Lets `loadedEngine` tell this page's engines apart; called before the page is opened. `watched` resolves when one
 * engine waits that will be told apart: a load that starts before that may have a device that nobody saw.
 */
export function watchEngines(page: Page): { watched: () => Promise<void> } {
	let count = 0;
	page.on('worker', (worker) => {
		// A worker that is ended at once is of no interest.
		if (isEngine(worker))
			void remember(worker).then(
				() => count++,
				() => undefined
			);
	});
	return { watched: () => expect.poll(() => count).toBeGreaterThan(0) };
}

/** The worker that answers now. */
export async function loadedEngine(page: Page): Promise<Worker> {
	let found: Worker | undefined;
	await expect
		.poll(async () => {
			found = undefined;
			for (const worker of page.workers().filter(isEngine))
				if (await hasDevice(worker)) found = worker;
			return found !== undefined;
		})
		.toBe(true);
	if (!found) throw new Error('No engine has a device.');
	return found;
}

const isEngine = (worker: Worker) => worker.url().includes('engine.worker');

/**
 * From now on the GPU is slow: the engine reads the first question until it is told to go on, and the one after it
 * until it is stopped.
 */
export async function holdReading(worker: Worker): Promise<{ goOn: () => Promise<void> }> {
	await worker.evaluate(() => {
		const scope = globalThis as { __goOn?: () => void };
		let asked = 0;
		const first = new Promise<void>((resolve) => (scope.__goOn = resolve));
		let stop = () => {};
		const stopped = new Promise<void>((resolve) => (stop = resolve));
		addEventListener('message', ({ data }: MessageEvent<{ type: string; name?: string }>) => {
			if (data.type === 'abort') stop();
			if (data.name === 'generate') asked++;
		});
		// Whatever the engine learns of its results comes by this way.
		const mapAsync = Reflect.get(GPUBuffer.prototype, 'mapAsync');
		GPUBuffer.prototype.mapAsync = async function (this: GPUBuffer, ...args) {
			if (asked > 0) await first;
			if (asked > 1) await stopped;
			return mapAsync.apply(this, args);
		};
	});
	return { goOn: () => worker.evaluate(() => (globalThis as { __goOn?: () => void }).__goOn?.()) };
}

export interface Word {
	text: string;
	atMs: number;
}

/** What the engine has said of its answers from now on, and when: survives the page. */
export async function hearWords(page: Page, worker: Worker): Promise<readonly Word[]> {
	const words: Word[] = [];
	await page.exposeBinding('heard', (_, text: string) => {
		words.push({ text, atMs: Date.now() });
	});
	await page.evaluate(() => {
		const { heard } = globalThis as unknown as { heard: (text: string) => void };
		new BroadcastChannel('engine-words').onmessage = ({ data }) => heard(data as string);
	});
	await worker.evaluate(() => {
		const told = new BroadcastChannel('engine-words');
		const scope = globalThis as unknown as {
			postMessage(message: { type: string; value?: unknown }): void;
		};
		const post = scope.postMessage.bind(scope);
		scope.postMessage = (message) => {
			post(message);
			if (message.type === 'progress') told.postMessage(message.value);
		};
	});
	return words;
}
