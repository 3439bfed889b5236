import { expect, test, vi } from 'vitest';
import { aCatalog } from '#plan/models/a-catalog.fixture.ts';
import { tidyBuilds } from './tidy.ts';

test('other builds of pocket go, and the one that the site ships stays', async () => {
	vi.stubGlobal('caches', {});
	const call = vi.fn(() => Promise.resolve(0));
	await tidyBuilds({
		catalog: {
			families: aCatalog(),
			sourceOf: () => ({
				baseUrl: 'https://a.example/site/pocket/0123/q0f32/resolve/main/',
				libraryUrl: '',
				packageUrl: null,
				overrides: {}
			})
		},
		files: { call: call }
	});
	expect(call).toHaveBeenCalledWith('tidy', {
		below: 'https://a.example/site/pocket/',
		keep: 'https://a.example/site/pocket/0123/'
	});
	vi.unstubAllGlobals();
});
