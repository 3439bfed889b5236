import type { BrowserContext, Route } from 'playwright/test';

/** What comes in place of a file; gets the bytes the file really has. */
export type Fault = (route: Route, real: () => Promise<Buffer>) => Promise<void>;

export const missing: Fault = (route) =>
	route.fulfill({ status: 404, contentType: 'text/html', body: '<!doctype html><p>Not found' });

export const html: Fault = (route) =>
	route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Sign in</title>' });

export const text =
	(body: string): Fault =>
	(route) =>
		route.fulfill({ contentType: 'application/json', body });

/** The server sends the first bytes alone, and says that this is all. */
export const cutTo =
	(ratio: number): Fault =>
	async (route, real) => {
		const body = await real();
		await route.fulfill({ body: body.subarray(0, Math.floor(body.length * ratio)) });
	};

export const changed =
	(change: (body: Buffer) => Buffer | string): Fault =>
	async (route, real) =>
		route.fulfill({ body: change(await real()) });

/** Only what is asked for first comes so. */
export const once = (fault: Fault): Fault => {
	let left = 1;
	return (route, real) => (left-- > 0 ? fault(route, real) : route.continue());
};

/** Breaks what the site serves, file by file, until it is mended. */
export class Faults {
	readonly #faults = new Map<string, Fault>();
	/** URLs asked for, in order. */
	readonly asked: string[] = [];

	/** Must be called before the page is opened. */
	async install(context: BrowserContext) {
		await context.route('**/pocket/**', async (route) => {
			const url = route.request().url();
			this.asked.push(url);
			const fault = [...this.#faults].find(([end]) => url.endsWith(end))?.[1];
			if (!fault) return route.continue();
			await fault(route, async () => (await route.fetch()).body());
		});
	}

	/** `end`: how the URL ends. */
	break(end: string, fault: Fault) {
		this.#faults.set(end, fault);
	}

	mend() {
		this.#faults.clear();
	}
}
