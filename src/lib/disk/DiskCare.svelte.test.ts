import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { appIn } from '../app/app.fixture.ts';
import type { CachedModel } from '../files/protocol.ts';
import InApp from '../panel/InApp.fixture.svelte';
import { followDisk } from './clean-up.svelte.ts';
import DiskCare from './DiskCare.svelte';
import { downloadsOf } from './downloads.svelte.ts';

const GIB = 2 ** 30;

test('the limit shows how full it is, and cleans up by itself once that was allowed', async () => {
	const rig = appIn();
	await rig.start();
	const { app, files } = rig;
	await expect.poll(() => app.adaptation).not.toBeNull();
	// Three models of the catalogue on a fake disk; the oldest is the chosen one.
	const variants = app.catalog.variants().slice(0, 3);
	let there = variants.map((variant, i): CachedModel => {
		const { baseUrl } = app.catalog.sourceOf(variant);
		return {
			baseUrl,
			askedUrl: baseUrl,
			state: 'complete',
			bytes: GIB,
			freedBytes: GIB,
			files: 1,
			missing: [],
			libraryUrl: null,
			lastUsedAt: i + 1,
			fetchedAt: null,
			uses: 1
		};
	});
	files.list = () => Promise.resolve(there as never);
	files.remove = (baseUrl) => {
		there = there.filter((each) => each.baseUrl !== baseUrl);
		return Promise.resolve(GIB);
	};
	app.selection.choose(variants[0]!.id);
	await app.settings.set({ diskLimitBytes: 2 * GIB });
	const stop = followDisk(app);
	const downloads = downloadsOf(app);
	await downloads.refresh();
	const screen = await render(InApp, { app, View: DiskCare, given: { downloads } });
	await expect
		.element(screen.getByTestId('limit-full'))
		.toHaveTextContent('3.00 GiB of 2.00 GiB (150%)');
	// Not allowed yet: the person is asked.
	await expect.element(screen.getByRole('button', { name: /^Delete 1, frees/ })).toBeVisible();
	expect(there).toHaveLength(3);
	await screen.getByLabelText('Delete the least recently used without asking').click();
	await expect
		.element(screen.getByText(/^Deleted by itself in this visit: .*1\.00 GiB/))
		.toBeVisible();
	const left = there.map(({ baseUrl }) => baseUrl);
	expect(left).toEqual(
		[variants[0], variants[2]].map((each) => app.catalog.sourceOf(each!).baseUrl)
	);
	await expect
		.element(screen.getByTestId('limit-full'))
		.toHaveTextContent('2.00 GiB of 2.00 GiB (100%)');
	stop();
	rig.close();
});
