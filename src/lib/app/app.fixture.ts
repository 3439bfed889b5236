import { App } from './app.svelte.ts';
import type { AppParts } from './parts.ts';
import type { Address } from '../chat/address.ts';
import { aDevice } from '#plan/device/a-device.fixture.ts';
import type { Device } from '#plan/device/adapter.ts';
import { CrashMarker } from '../runner/crash-marker.ts';
import { FakeEngines } from '../engine/engine.fixture.ts';
import { browserClock } from '../runner/clock.ts';
import { Tenancy } from '../runner/tenancy.ts';
import { InUse } from '../files/in-use.ts';
import type { Files } from '../files/client.ts';
import type { FilesContract, Inspection, ModelSource } from '../files/protocol.ts';
import { parseHistory } from '#plan/memory/history.ts';
import { ConversationStore } from '../chat/store/conversations.ts';
import { DraftStore } from '../chat/store/draft-store.ts';
import { lazily } from '../kit/lazily.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { parseSettings } from '../settings/settings.svelte.ts';
import { parseQuality } from '../quality/record.ts';
import { parseStatistics } from '../statistics/record.ts';
import { Failure } from '../rpc/failure.ts';
import { FakeTabs } from '../runner/tabs.fixture.ts';

const NEWEST: Address = { conversation: null, model: null, shared: null };

/** What a fake files worker does; every model is whole on disk unless a test says otherwise. */
export class FakeFiles {
	readonly asked: string[] = [];
	readonly allowed: (readonly string[])[] = [];
	download_ = () => Promise.resolve();
	inspection: (source: ModelSource) => Inspection = ({ baseUrl }) => ({
		facts: {},
		downloadBytes: 1,
		cachedBytes: 1,
		missing: [],
		baseUrl,
		revision: 'main',
		unpinned: null
	});

	allow = (hosts: readonly string[]) => void this.allowed.push(hosts);
	inspect = (source: ModelSource) =>
		this.#did(`inspect ${source.baseUrl}`, this.inspection(source));
	onDisk = (source: ModelSource) => this.#did(`onDisk ${source.baseUrl}`, this.inspection(source));
	download = async (source: ModelSource, { signal }: { signal?: AbortSignal | undefined } = {}) => {
		this.asked.push(`download ${source.baseUrl}`);
		await Promise.race([
			this.download_(),
			new Promise<never>((_, reject) =>
				signal?.addEventListener('abort', () => reject(new Failure('cancelled', 'Cancelled.')))
			)
		]);
		return this.inspection(source);
	};
	distrust = (source: ModelSource) => this.#did(`distrust ${source.baseUrl}`, null);
	pinLibrary = (source: ModelSource) => this.#did(`pin ${source.libraryUrl}`, null);
	acceptLibrary = (source: ModelSource) => this.#did(`accept ${source.libraryUrl}`, null);
	verify = () => this.#did('verify', { checked: 0, unknown: [], bad: [] });
	list = () => this.#did('list', []);
	remove = (baseUrl: string) => this.#did(`remove ${baseUrl}`, 0);
	removeAll = () => this.#did('removeAll', 0);
	greet = () => {};
	/** What the calls answer that have no method of their own, by their name. */
	readonly answers: Partial<Record<keyof FilesContract['calls'], (params: never) => unknown>> = {};
	call = (async (name: keyof FilesContract['calls'], params: never) => {
		this.asked.push(name);
		return Promise.resolve(this.answers[name]?.(params) ?? null);
	}) as Files['call'];
	end = () => {};

	#did<T>(what: string, value: T): Promise<T> {
		this.asked.push(what);
		return Promise.resolve(value);
	}
}

/**
 * An app in a world of its own: real state, settings and conversations in databases that nobody else has, and fakes of
 * the engine, the files worker, the locks between tabs, the GPU and the crash marker. As a page is opened again, so is
 * `again`.
 */
export function appIn({
	tabs = new FakeTabs(),
	id = crypto.randomUUID(),
	marks = new Map<string, string>(),
	device = aDevice(),
	change = {}
}: {
	tabs?: FakeTabs;
	id?: string;
	marks?: Map<string, string>;
	device?: Device;
	change?: Partial<AppParts>;
} = {}) {
	const engines = new FakeEngines();
	const files = new FakeFiles();
	const { locks, channel, close } = tabs.tab();
	const parts: AppParts = {
		settings: new Persisted('settings', parseSettings, `app-test-settings-${id}`),
		history: new Persisted('history', parseHistory, `app-test-settings-${id}`),
		measured: () =>
			Promise.resolve({
				statistics: new Persisted('statistics', parseStatistics, `app-test-settings-${id}`),
				quality: new Persisted('results', parseQuality, `app-test-quality-${id}`)
			}),
		own: async () => (await import('./own.ts')).keptOwn(`app-test-settings-${id}`),
		keep: (key, parse, database) => new Persisted(key, parse, `app-test-${database}-${id}`),
		conversations: lazily(() => Promise.resolve(new ConversationStore(`app-test-chats-${id}`))),
		drafts: lazily(() => Promise.resolve(new DraftStore(`app-test-drafts-${id}`))),
		files,
		inUse: new InUse(locks),
		tenancy: new Tenancy({ name: 'engine', locks, channel }),
		marker: new CrashMarker(
			'loading',
			() => ({
				getItem: (key) => marks.get(key) ?? null,
				setItem: (key, value) => void marks.set(key, value),
				removeItem: (key) => void marks.delete(key)
			}),
			new EventTarget()
		),
		gpuIsBack: () => Promise.resolve(true),
		clock: browserClock,
		askDevice: () => Promise.resolve({ kind: 'ready', device }),
		planner: () => import('#plan/memory/planner.ts'),
		machinery: async () => {
			const { buildMachinery } = await import('../runner/machinery.ts');
			return { buildMachinery, makeEngine: engines.make };
		},
		guarded: () => Promise.resolve(true),
		...change
	};
	const app = new App(new URL(`/app-test-${id}/`, location.href).href, parts);
	return {
		id,
		app,
		engines,
		files,
		parts,
		marks,
		start: (address: Partial<Address> = {}) => app.start({ ...NEWEST, ...address }),
		again: () => appIn({ tabs, id, marks, device, change }),
		close: () => {
			app.dispose();
			close();
		}
	};
}
