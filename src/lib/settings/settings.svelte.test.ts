import { createStore, set } from 'idb-keyval';
import { afterEach, expect, test, vi } from 'vitest';
import { Persisted } from '../kit/persisted.svelte.ts';
import { defaultSettings, parseSettings, type Settings } from './settings.svelte.ts';
import { exportSettings, importSettings } from './settings-file.ts';

const opened: Persisted<Settings>[] = [];
function tab(database: string): Persisted<Settings> {
	const settings = new Persisted('settings', parseSettings, database);
	opened.push(settings);
	return settings;
}
const fresh = () => `settings-${crypto.randomUUID()}`;
afterEach(() => {
	for (const each of opened.splice(0)) each.close();
});

test('settings begin with their defaults and keep what was set', async () => {
	const database = fresh();
	const settings = tab(database);
	await settings.ready;
	expect(settings.current).toEqual(defaultSettings);
	await settings.set({ theme: 'dark', budgetBytes: 8 * 2 ** 30 });
	const later = tab(database);
	await later.ready;
	expect(later.current).toEqual({ ...defaultSettings, theme: 'dark', budgetBytes: 8 * 2 ** 30 });
});

test('a change made before they are read is not lost, and loses nothing', async () => {
	const database = fresh();
	const first = tab(database);
	await first.set({ theme: 'dark' });
	const second = tab(database);
	const kept = second.set({ airplane: true });
	expect(second.current.airplane).toBe(true);
	await Promise.all([second.ready, kept]);
	expect(second.current).toMatchObject({ theme: 'dark', airplane: true });
});

test('other tabs follow', async () => {
	const database = fresh();
	const [first, second] = [tab(database), tab(database)];
	await Promise.all([first.ready, second.ready]);
	await first.set({ textSize: 1.25 });
	await vi.waitFor(() => expect(second.current.textSize).toBe(1.25));
});

test('two tabs that change different settings at once keep both', async () => {
	const database = fresh();
	const [first, second] = [tab(database), tab(database)];
	await Promise.all([first.set({ theme: 'light' }), second.set({ airplane: true })]);
	const third = tab(database);
	await third.ready;
	expect(third.current).toMatchObject({ theme: 'light', airplane: true });
});

test('reset goes back to the defaults', async () => {
	const settings = tab(fresh());
	await settings.set({ theme: 'dark', extraHosts: ['models.example'] });
	await settings.reset();
	expect(settings.current).toEqual(defaultSettings);
});

test('a damaged record costs only the damaged settings', async () => {
	const database = fresh();
	await set(
		'settings',
		{ theme: 'dark', textSize: 'huge', thresholdRatio: 7, presets: [{ id: 'a' }, 3], extra: 1 },
		createStore(database, 'values')
	);
	const settings = tab(database);
	await settings.ready;
	expect(settings.current).toEqual({ ...defaultSettings, theme: 'dark', thresholdRatio: 1 });
});

test('a file of settings comes back as it went out', () => {
	const settings: Settings = {
		...defaultSettings,
		thresholdRatio: null,
		choice: { variantId: 'x', contextWindow: 4096 },
		presets: [{ id: '1', name: 'Poet', text: 'Rhyme.' }]
	};
	expect(importSettings(exportSettings(settings))).toEqual({
		settings,
		policy: null,
		tamed: false
	});
});

test.each([
	['not JSON', '{'],
	['another format', '[]'],
	['another format', '{"format":"else"}']
])('a file that is %s is refused with what was expected', (found, text) => {
	expect(() => importSettings(text)).toThrow(
		expect.objectContaining({
			kind: 'unreadable',
			detail: { expected: 'a settings file exported by this page', found }
		})
	);
});

test('only plain host names are taken over', () => {
	expect(
		parseSettings({ extraHosts: ['Models.Example:8443', 'https://x.y', '*.evil', 'a b', "'self'"] })
			.extraHosts
	).toEqual(['models.example:8443']);
});

test('the bound of the quality alert is brought into range, and a broken one takes the default', () => {
	const boundOf = (qualityBound: unknown) => parseSettings({ qualityBound }).qualityBound;
	expect(boundOf({ sameToken: 0.8, divergence: 0.2 })).toEqual({ sameToken: 0.8, divergence: 0.2 });
	expect(boundOf({ sameToken: 2, divergence: -1 })).toEqual({ sameToken: 1, divergence: 0.001 });
	for (const broken of [
		undefined,
		null,
		0.9,
		{ sameToken: 0.8 },
		{ sameToken: NaN, divergence: 1 }
	])
		expect(boundOf(broken)).toEqual({ sameToken: 0.9, divergence: 0.1 });
});
