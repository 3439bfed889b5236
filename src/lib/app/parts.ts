import type { DeviceReading } from '#plan/device/adapter.ts';
import { CrashMarker } from '../runner/crash-marker.ts';
import type { LoaderParts } from '../runner/loader.svelte.ts';
import { browserClock, type Clock } from '../runner/clock.ts';
import { Tenancy } from '../runner/tenancy.ts';
import { Files } from '../files/client.ts';
import { InUse } from '../files/in-use.ts';
import { parseHistory, type MemoryHistory } from '#plan/memory/history.ts';
import type { ConversationStore } from '../chat/store/conversations.ts';
import type { DraftStore } from '../chat/store/draft-store.ts';
import { lazily, type Lazily } from '../kit/lazily.ts';
import { ownName } from '../kit/names.ts';
import type { Own } from './own.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { parseSettings, type Settings } from '../settings/settings.svelte.ts';
import type { Measured } from './measured.ts';
import { guarded } from '../network/guard.ts';

export type Planner = typeof import('#plan/memory/planner.ts');

/** The app's world: all that it touches of browser, disk, network and GPU. */
export interface AppParts {
	settings: Pick<Persisted<Settings>, keyof Persisted<Settings>>;
	history: Pick<Persisted<MemoryHistory>, keyof Persisted<MemoryHistory>>;
	/** A value of this deployment that outlives the page, in a database of that name. */
	keep: <T extends object>(
		key: string,
		parse: (raw: unknown) => T,
		database: string,
		former?: string
	) => Persisted<T>;
	/** Loaded after the first paint. */
	measured: () => Promise<Measured>;
	/** What the person added: servers and models; loaded after the first paint. */
	own: () => Promise<Own>;
	conversations: Lazily<ConversationStore>;
	/** What was typed and not sent. */
	drafts: Lazily<DraftStore>;
	files: Pick<Files, keyof Files>;
	inUse: Pick<InUse, keyof InUse>;
	tenancy: Tenancy;
	marker: CrashMarker;
	gpuIsBack: (signal: AbortSignal) => Promise<boolean>;
	clock: Clock;
	askDevice: () => Promise<DeviceReading>;
	planner: () => Promise<Planner>;
	machinery: LoaderParts['machinery'];
	/** Resolves when workers are bound to their policy, or cannot be. */
	guarded: () => Promise<boolean>;
}

/** The names of the databases, and of those of earlier versions, which all deployments below one origin shared. */
const SETTINGS = 'headroom-settings';
const CONVERSATIONS = 'headroom-conversations';

/** The real world of a page whose site lies at `baseUrl`. */
export function browserParts(baseUrl: string): AppParts {
	const own = (name: string) => ownName(name, baseUrl);
	const keep: AppParts['keep'] = (key, parse, database, former) =>
		new Persisted(key, parse, own(database), former);
	return {
		settings: keep('settings', parseSettings, SETTINGS, SETTINGS),
		history: keep('history', parseHistory, SETTINGS, SETTINGS),
		keep,
		measured: async () => (await import('./measured.ts')).keptMeasured(own(SETTINGS), baseUrl),
		own: async () => (await import('./own.ts')).keptOwn(own(SETTINGS)),
		conversations: lazily(async () => {
			const { ConversationStore } = await import('../chat/store/conversations.ts');
			return new ConversationStore(own(CONVERSATIONS), CONVERSATIONS);
		}),
		drafts: lazily(async () => {
			const { DraftStore } = await import('../chat/store/draft-store.ts');
			return new DraftStore('headroom-drafts');
		}),
		files: new Files(),
		inUse: new InUse(),
		tenancy: new Tenancy({
			name: own('headroom-engine'),
			locks: (navigator as { locks?: LockManager }).locks ?? null,
			channel: new BroadcastChannel(own('headroom-engine'))
		}),
		marker: new CrashMarker(own('headroom-loading')),
		gpuIsBack: async (signal) => (await import('../runner/gpu-back.ts')).gpuIsBack(signal),
		clock: browserClock,
		askDevice,
		planner: () => import('#plan/memory/planner.ts'),
		machinery,
		guarded
	};
}

const machinery: LoaderParts['machinery'] = async () => {
	const [{ buildMachinery }, { WebLlmEngine }] = await Promise.all([
		import('../runner/machinery.ts'),
		import('../engine/webllm/client.ts')
	]);
	return { buildMachinery, makeEngine: () => new WebLlmEngine() };
};

/** The GPU is asked beside what the page needs to take a message, not before it. */
async function askDevice(): Promise<DeviceReading> {
	const { readDevice } = await import('./read-device.ts');
	return readDevice();
}
