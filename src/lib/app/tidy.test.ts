import { afterEach, expect, test, vi } from 'vitest';
import { aCatalog } from '#plan/models/a-catalog.fixture.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { tidyBuilds } from './tidy.ts';

afterEach(() => void vi.unstubAllGlobals());

function site(families: readonly Family[], call = vi.fn(() => Promise.resolve(0))) {
	vi.stubGlobal('caches', {});
	const sourceOf = ({ familyId }: Variant) => ({
		baseUrl: `https://a.example/site/${familyId}/0123/q0f32/resolve/main/`,
		libraryUrl: '',
		packageUrl: null,
		overrides: {}
	});
	return { catalog: { families, sourceOf }, files: { call } };
}

test('other builds of pocket go, and the one that the site ships stays', async () => {
	const { catalog, files } = site(aCatalog());
	await tidyBuilds({ catalog, files });
	expect(files.call).toHaveBeenCalledExactlyOnceWith('tidy', {
		below: 'https://a.example/site/pocket/',
		keep: 'https://a.example/site/pocket/0123/'
	});
});

test('a site without pocket deletes nothing', async () => {
	const { catalog, files } = site(aCatalog().filter(({ id }) => id !== 'pocket'));
	await tidyBuilds({ catalog, files });
	expect(files.call).not.toHaveBeenCalled();
});

test('what could not be deleted is told', async () => {
	const failing = vi.fn(() => Promise.reject(new Error('The disk is busy.')));
	await expect(tidyBuilds(site(aCatalog(), failing))).rejects.toThrow('The disk is busy.');
});
