import type { Conditions, Pressure } from './guards.ts';

/** Chromium alone has these two; the DOM library does not know them. */
interface Battery {
	charging: boolean;
}
interface PressureRecord {
	state: Pressure;
}
interface PressureObserver {
	observe(source: 'cpu', options: { sampleInterval: number }): Promise<void>;
	disconnect(): void;
}
type PressureObserverClass = new (
	tell: (records: readonly PressureRecord[]) => void
) => PressureObserver;

/** The browser tells a first reading within a second, or has none to tell. */
const PRESSURE_LIMIT_MS = 1_500;

export async function readConditions(): Promise<Conditions> {
	const [battery, cpuPressure] = await Promise.all([
		readBattery().catch(() => null),
		readPressure().catch(() => null)
	]);
	return { battery, cpuPressure };
}

async function readBattery(): Promise<Conditions['battery']> {
	const { getBattery } = navigator as { getBattery?: () => Promise<Battery> };
	if (!getBattery) return null;
	const { charging } = await getBattery.call(navigator);
	return { charging };
}

async function readPressure(): Promise<Pressure | null> {
	const { PressureObserver } = globalThis as { PressureObserver?: PressureObserverClass };
	if (!PressureObserver) return null;
	let observer: PressureObserver | null = null;
	try {
		return await new Promise<Pressure | null>((resolve, reject) => {
			setTimeout(() => resolve(null), PRESSURE_LIMIT_MS);
			observer = new PressureObserver((records) => {
				const last = records.at(-1);
				if (last) resolve(last.state);
			});
			observer.observe('cpu', { sampleInterval: 500 }).catch(reject);
		});
	} finally {
		(observer as PressureObserver | null)?.disconnect();
	}
}

/** Keeps the screen on, where the browser lets pages do that, until the returned function is called. */
export async function keepAwake(): Promise<() => void> {
	const { wakeLock } = navigator as { wakeLock?: WakeLock };
	// Refused in a hidden tab, or to save the battery.
	const held = await wakeLock?.request('screen').catch(() => null);
	return () => void held?.release().catch(() => undefined);
}
