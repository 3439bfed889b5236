import {
	expect,
	type BrowserContext,
	type CDPSession,
	type Page,
	type Worker
} from 'playwright/test';
import { tokens } from '../../packages/plan/src/words.ts';
import { HeadroomPage } from '../page.ts';
import { Faults } from '../support/hosts.ts';
import { storedConversations, type StoredMessage } from '../support/stored.ts';
import { arm, hasDevice, remember, type Strike } from './strike.ts';

interface LoadedFigures {
	variantId: string;
	afterLoadBytes: number;
	peakBytes: number;
}
interface Witness {
	__loads: LoadedFigures[];
	__struckAt: number | null;
	__due: Due | null;
}
/** A call of an engine that was given the variant to load. */
interface Due {
	call: 'generate' | 'keepAnswer' | 'compareAnswer';
	variantId: string;
}

/** After that many the next fault strikes a new conversation. */
const MOST_MESSAGES = 12;

/** A page with a conversation in it, on which faults can be let loose one after another. */
export class Scene {
	#everyNew: Strike | null = null;
	#quota: CDPSession | null = null;

	page: Page;
	headroom: HeadroomPage;

	private constructor(
		readonly context: BrowserContext,
		readonly network: Faults,
		page: Page
	) {
		this.page = page;
		this.headroom = new HeadroomPage(page);
	}

	/** `clock`: its clock can be turned on by hand. */
	static async open(context: BrowserContext, { clock = false } = {}): Promise<Scene> {
		const network = new Faults();
		await network.install(context);
		const scene = new Scene(context, network, await context.newPage());
		if (clock) await scene.page.clock.install();
		await scene.#start();
		// Short answers: what is looked at is whether there is one.
		await scene.set({ sampling: { maxTokens: 16, temperature: 0 } });
		return scene;
	}

	/** The next visit, in a new tab. */
	async reopen() {
		this.page = await this.context.newPage();
		this.headroom = new HeadroomPage(this.page);
		await this.#start();
	}

	/** A second tab beside this one. */
	async another(): Promise<Scene> {
		const scene = new Scene(this.context, this.network, await this.context.newPage());
		await scene.#start();
		return scene;
	}

	async #start() {
		await this.page.addInitScript(() => {
			const witness = globalThis as unknown as Witness;
			witness.__loads = [];
			witness.__struckAt = null;
			witness.__due = null;
			const holds = new WeakMap<Worker, string>();
			// oxlint-disable-next-line typescript/unbound-method -- it is called on each worker
			const post = Worker.prototype.postMessage;
			Worker.prototype.postMessage = function (this: Worker, ...args: [unknown]) {
				const { name, params } = args[0] as { name?: string; params?: unknown };
				if (name === 'prepare') holds.set(this, JSON.stringify(params));
				const { __due: due } = witness;
				if (due && name === due.call && holds.get(this)?.includes(due.variantId)) {
					witness.__due = null;
					post.call(this, { type: 'abort', id: 'fault-due' });
				}
				post.apply(this, args);
			};
			addEventListener('headroom:loaded', (event) =>
				witness.__loads.push((event as CustomEvent<LoadedFigures>).detail)
			);
			new BroadcastChannel('fault-struck').addEventListener('message', () => {
				witness.__struckAt ??= Date.now();
			});
		});
		this.page.on('worker', (worker) => {
			// A worker that is ended at once is of no interest.
			if (!isEngine(worker)) return;
			const prepared = this.#everyNew ? arm(worker, this.#everyNew) : remember(worker);
			void prepared.catch(() => undefined);
		});
		await this.headroom.open();
	}

	get panel() {
		return this.page.getByRole('complementary', { name: 'Model panel' });
	}
	get alert() {
		return this.panel.getByRole('alert');
	}

	/** Changes stored settings, as another tab would. */
	async set(change: Record<string, unknown>) {
		await this.page.evaluate(async (change) => {
			const db = await new Promise<IDBDatabase>((resolve, reject) => {
				const request = indexedDB.open('headroom-settings /headroom/');
				// Where all was cleared, an open without it would leave a database that the page cannot use.
				request.onupgradeneeded = () => request.result.createObjectStore('values');
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(new Error('The settings cannot be opened.'));
			});
			await new Promise<void>((resolve) => {
				const transaction = db.transaction('values', 'readwrite');
				const store = transaction.objectStore('values');
				const request = store.get('settings');
				request.onsuccess = () => {
					store.put({ ...(request.result as object | undefined), ...change }, 'settings');
				};
				transaction.oncomplete = () => resolve();
			});
			db.close();
			const channel = new BroadcastChannel('headroom-settings /headroom//settings');
			channel.postMessage('changed');
			channel.close();
		}, change);
	}

	/** The stored messages of the conversation that is open. */
	async messages(page = this.page): Promise<StoredMessage[]> {
		const [latest] = await storedConversations(page);
		return latest ?? [];
	}

	async liveBytes(): Promise<number> {
		const text = await this.page.getByTestId('live-bytes').first().innerText();
		const [figure = 'NaN', unit = ''] = text.split(/\s+/);
		const scale = { B: 1, bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[unit] ?? NaN;
		return Number(figure.replaceAll(',', '')) * scale;
	}

	lastLoad(): Promise<LoadedFigures | undefined> {
		return this.page.evaluate(() => (globalThis as unknown as Witness).__loads.at(-1));
	}
	struckAt(): Promise<number | null> {
		return this.page.evaluate(() => (globalThis as unknown as Witness).__struckAt);
	}
	/** Resolves when what was armed has struck. */
	async struck() {
		await this.page.waitForFunction(
			() => (globalThis as unknown as Witness).__struckAt !== null,
			null,
			{ polling: 20, timeout: 30_000 }
		);
	}
	async forgetStrike() {
		await this.page.evaluate(() => {
			(globalThis as unknown as Witness).__struckAt = null;
		});
	}

	engines(): Worker[] {
		return this.page.workers().filter(isEngine);
	}

	/** The worker with a device and the one without, as soon as there is one. */
	async engine(which: 'loaded' | 'spare'): Promise<Worker> {
		let found: Worker | undefined;
		await expect
			.poll(async () => {
				found = undefined;
				for (const worker of this.engines())
					if ((await hasDevice(worker)) === (which === 'loaded')) found = worker;
				return found !== undefined;
			})
			.toBe(true);
		if (!found) throw new Error(`There is no ${which} engine.`);
		return found;
	}

	async #canStrike(): Promise<boolean> {
		return (await Promise.all(this.engines().map(hasDevice))).includes(true);
	}

	/** Strikes every engine that is started from now on, too. */
	async armAll(strike: Strike) {
		await this.arm('spare', strike);
		this.#everyNew = strike;
	}

	/** Strikes the engine that holds the variant, whichever it will be, once it gets the call. */
	async armFor(due: Due, strike: Strike) {
		await this.forgetStrike();
		await this.page.evaluate((due) => {
			(globalThis as unknown as Witness).__due = due;
		}, due);
		this.#everyNew = { ...strike, waits: true };
		for (const engine of this.engines()) await arm(engine, this.#everyNew);
	}

	/** Strikes the engine that answers now, or the one that will load next. */
	async arm(which: 'loaded' | 'spare', strike: Strike) {
		await arm(await this.engine(which), strike);
	}

	async isLoaded(): Promise<boolean> {
		return this.page.getByRole('button', { name: 'Unload' }).isVisible();
	}

	async choose(quantization: string) {
		await this.headroom.pick(quantization);
	}

	/** Chooses and swaps in one go: a person who thinks first finds it prepared. */
	async swapAtOnce(quantization: string) {
		await this.headroom.quantization.evaluate(async (element, quantization) => {
			const select = element as HTMLSelectElement;
			const option = [...select.options].find(({ label }) => label.includes(quantization));
			if (!option) throw new Error(`There is no ${quantization} to choose.`);
			select.value = option.value;
			select.dispatchEvent(new Event('change', { bubbles: true }));
			const swap = () =>
				[...document.querySelectorAll('button')].find(
					({ innerText, disabled }) => !disabled && innerText.startsWith('Swap')
				);
			while (!swap()) await new Promise(requestAnimationFrame);
			swap()?.click();
		}, quantization);
	}

	/** Chooses, and does not swap before the engine that is prepared for it has come to `place`. */
	async chooseAndPrepare(quantization: string, strike: Strike) {
		// Only what lies on disk is prepared.
		for (const each of [quantization, 'q4f32_1']) {
			await this.swapAtOnce(each);
			await expect(this.page.getByText(`pocket ${each} answers`)).toBeVisible();
		}
		await this.arm('spare', strike);
		await this.choose(quantization);
		await this.struck();
	}

	async swap() {
		await this.page.getByRole('button', { name: /^Swap pocket/ }).click();
	}

	/** Up to 4096 tokens the windows on offer are 512, 768, 1024 and so on. */
	async chooseWindow(contextWindow: number) {
		const slider = this.page.getByRole('slider', { name: 'Context window' });
		await slider.fill(String((contextWindow - 512) / 256));
		await expect(slider).toHaveAttribute('aria-valuetext', new RegExp(`^${tokens(contextWindow)}`));
	}

	/** Nothing of a model is on disk any more. */
	async forgetFiles() {
		await this.page.evaluate(async () => {
			for (const name of await caches.keys())
				if (name.startsWith('webllm/')) await caches.delete(name);
		});
	}

	/** Kills the process that talks to the GPU for the whole browser. */
	async killGpuProcess() {
		const session = await this.context.browser()?.newBrowserCDPSession();
		await session?.send('Browser.crashGpuProcess');
		await session?.detach();
	}

	/** What the browser keeps for this origin is cleared, as its own settings do. */
	async clear(storageTypes: 'indexeddb' | 'cache_storage' | 'local_storage' | 'all') {
		const session = await this.context.newCDPSession(this.page);
		const { origin } = new URL(this.page.url());
		await session.send('Storage.clearDataForOrigin', { origin, storageTypes });
		await session.detach();
	}

	/** Bytes that this origin may keep, until all is calm again. */
	async quota(quotaSize: number) {
		// The browser forgets it with the session.
		this.#quota = await this.context.newCDPSession(this.page);
		await this.#quota.send('Storage.overrideQuotaForOrigin', {
			origin: new URL(this.page.url()).origin,
			quotaSize
		});
	}

	/** What strikes by itself strikes no more. */
	async mend() {
		this.network.mend();
		this.#everyNew = null;
		await this.#quota?.detach();
		this.#quota = null;
	}

	/** Back to calm: no fault, no message about one, and the given thing loaded. */
	async calm(given: 'nothing' | 'loaded') {
		await this.mend();
		await this.page.bringToFront();
		const dismiss = this.panel.getByRole('button', { name: 'Dismiss' });
		while (await dismiss.isVisible()) await dismiss.click();
		await this.choose('q4f32_1');
		await this.chooseWindow(1024);
		// A long conversation takes long to read.
		if ((await this.messages()).length > MOST_MESSAGES) {
			await this.page.getByRole('link', { name: 'New conversation' }).first().click();
			await expect(this.headroom.answers).toHaveCount(0);
			await this.chats();
		}
		if (given === 'loaded') {
			const load = this.page.getByRole('button', { name: /^(Load|Swap) pocket/ });
			// Another one is offered while something else than the chosen is loaded.
			const unload = this.page.getByRole('button', { name: 'Unload', exact: true });
			await expect(load.or(unload)).toBeVisible();
			if (await load.isVisible()) await load.click();
			// The first load on an adapter compiles its shaders.
			await expect(unload).toBeVisible({ timeout: 60_000 });
			if (await this.#canStrike()) return;
			// It was started and had its device before this could look: the next one is there already.
			await unload.click();
			await load.click();
			await expect(unload).toBeVisible({ timeout: 60_000 });
		} else if (await this.isLoaded())
			await this.page.getByRole('button', { name: 'Unload' }).click();
	}

	/** Sends a message without waiting for the answer. */
	async send(text: string) {
		await this.headroom.composer.fill(text);
		await this.page.getByRole('button', { name: 'Send' }).click();
	}

	/** The next chat works: an answer comes to its end. */
	async chats() {
		await this.headroom.ask('What is VRAM?');
		// It is kept a moment after it is shown.
		await expect
			.poll(async () => (await this.messages()).at(-1)?.answer?.finish)
			.toMatch(/^(stop|length)$/);
	}
}

const isEngine = (worker: Worker) => worker.url().includes('engine.worker');
