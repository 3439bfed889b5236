import { onTestFinished } from 'vitest';
import type { App } from '../app/app.svelte.ts';
import { appIn } from '../app/app.fixture.ts';
import { aDevice } from '#plan/device/a-device.fixture.ts';
import type { Device, DeviceReading } from '#plan/device/adapter.ts';

/** The app of a page that was opened for the first time, on that device, for the test that runs. */
export async function anApp(
	device: Partial<Device> = {},
	reading: DeviceReading = { kind: 'ready', device: aDevice(device) }
): Promise<App> {
	const world = appIn({ change: { askDevice: () => Promise.resolve(reading) } });
	onTestFinished(world.close);
	await world.start();
	return world.app;
}

/** Long enough for the events that the browser had queued. */
export const aFrame = () =>
	new Promise<void>((done) => requestAnimationFrame(() => setTimeout(() => done())));
