import { App } from '../app.svelte.ts';
import { aDevice } from '../device/a-device.ts';
import type { Device } from '../device/adapter.ts';
import * as planner from '../memory/planner.ts';

/** The app of a page that was not started: it is told the device, and choosing a model fetches no file of it. */
export function anApp(device: Partial<Device> = {}): App {
	const app = new App(new URL('/', location.href).href);
	app.planner = planner;
	app.reading = { kind: 'ready', device: aDevice(device) };
	app.preflights.schedule = () => {};
	app.loader.prepare = () => Promise.resolve();
	return app;
}

/** Long enough for the events that the browser had queued. */
export const aFrame = () =>
	new Promise<void>((done) => requestAnimationFrame(() => setTimeout(() => done())));
