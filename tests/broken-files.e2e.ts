import { AppPage } from './support/app.ts';
import { gpuProcessBytes } from './support/gpu-process.ts';
import { changed, cutTo, Faults, html, missing, text, type Fault } from './support/hosts.ts';
import { expect, LONG, test } from './story.ts';

test.describe.configure({ timeout: 120_000 });

interface Case {
	title: string;
	file: string;
	fault: Fault;
	/** What the page says was expected and found. */
	says: RegExp;
	/** Another one stands for it. */
	long?: boolean;
}

const LIBRARY = 'pocket-q4f32_1.wasm';
const CONFIG = 'mlc-chat-config.json';
const MANIFEST = 'tensor-cache.json';
const SHARD = 'params_shard_0.bin';
const TOKENIZER = 'tokenizer.json';

const without = (field: string) =>
	changed((body) => {
		const config = JSON.parse(body.toString()) as Record<string, unknown>;
		return JSON.stringify({ ...config, [field]: undefined });
	});

const cases: Case[] = [
	{
		title: 'a library that is missing',
		file: LIBRARY,
		fault: missing,
		long: true,
		says: /has no \S+ \(404\)/
	},
	{
		title: 'a library cut short',
		file: LIBRARY,
		fault: cutTo(0.5),
		long: true,
		says: /expected \d+ bytes of \w+ section, found \d+ bytes before the file ends/
	},
	{
		title: 'a library cut short behind its metadata',
		file: LIBRARY,
		fault: cutTo(0.999),
		long: true,
		says: /expected \d+ bytes of \w+ section, found \d+ bytes before the file ends/
	},
	{
		title: 'a page of HTML in place of the library',
		file: LIBRARY,
		fault: html,
		long: true,
		says: /expected a WebAssembly library, found an HTML page/
	},
	{
		title: 'a page of HTML in place of the manifest',
		file: MANIFEST,
		fault: html,
		long: true,
		says: /expected JSON, found an HTML page/
	},
	{
		title: 'a manifest of broken JSON',
		file: MANIFEST,
		fault: cutTo(0.7),
		long: true,
		says: /expected JSON, found broken JSON that ends too early/
	},
	{
		title: 'a shard that is short',
		file: SHARD,
		fault: cutTo(0.9),
		long: true,
		says: /expected \d+ bytes, found \d+ bytes/
	},
	{
		title: 'a shard that is long',
		file: SHARD,
		fault: changed((body) => Buffer.concat([body, Buffer.alloc(1)])),
		long: true,
		says: /expected \d+ bytes, found more/
	},
	{
		title: 'a config without vocab_size',
		file: CONFIG,
		fault: without('vocab_size'),
		long: true,
		says: /expected vocab_size/
	},
	{
		title: 'a config without its conversation template',
		file: CONFIG,
		fault: without('conv_template'),
		long: true,
		says: /expected conv_template/
	},
	{
		title: 'a page of HTML in place of the tokenizer',
		file: TOKENIZER,
		fault: html,
		long: true,
		says: /expected JSON, found an HTML page/
	},
	{
		long: true,
		title: 'a tokenizer that is some other JSON',
		file: TOKENIZER,
		fault: text('{"error":"Rate limited"}'),
		says: /expected model/
	}
];

for (const { title, file, fault, says, long } of cases)
	test(
		`${title} is named, leaves nothing behind, and the next try succeeds`,
		{ tag: long ? LONG : [] },
		async ({ page, context, browser }) => {
			const faults = new Faults();
			await faults.install(context);
			faults.break(file, fault);
			const app = new AppPage(page);
			await app.openUnread();
			const before = await gpuProcessBytes(browser);

			await app.loadButton().click();
			await expect(app.alert).toContainText(file);
			await expect(app.alert).toContainText(says);
			await expect(app.alert).toContainText('No model is loaded now.');
			await expect(app.live).toHaveText('0 bytes');
			expect((await app.cachedUrls()).filter((url) => url.endsWith(file))).toEqual([]);
			const after = await gpuProcessBytes(browser);

			faults.mend();
			await app.loadChosen();
			await expect(app.alert).toHaveCount(0);
			await expect(app.live).not.toHaveText('0 bytes');
			expect((await app.cachedUrls()).filter((url) => url.endsWith(file))).toHaveLength(1);
			expectFreed(before, after, await gpuProcessBytes(browser));
		}
	);

test(
	'a swap to a variant with a broken shard keeps the old one, which goes on answering',
	{ tag: LONG },
	async ({ page, context }) => {
		const faults = new Faults();
		await faults.install(context);
		faults.break(`q0f32/resolve/main/${SHARD}`, cutTo(0.5));
		const app = new AppPage(page);
		await app.openUnread();
		await app.loadChosen();
		await expect(app.live).not.toHaveText('0 bytes');
		const held = await app.live.textContent();

		await app.quantization.selectOption('pocket-q0f32');
		await app.loadButton('Swap pocket q0f32').click();
		await expect(app.alert).toContainText(SHARD);
		await expect(app.alert).toContainText('pocket q4f32_1 is loaded as before.');
		await expect(app.live).toHaveText(held ?? '');
		const answer = await app.ask('What is VRAM?');
		await app.stopIfWriting();
		await expect(answer).toContainText('pocket q4f32_1');

		faults.mend();
		await app.loadChosen();
		await expect(app.alert).toHaveCount(0);
	}
);

test('a library that only the engine finds wrong is let go, and the next try succeeds', async ({
	page,
	context,
	browser
}) => {
	const faults = new Faults();
	await faults.install(context);
	// A whole module with the right metadata and nothing else: no check short of running it can tell.
	faults.break(
		LIBRARY,
		changed((body) => {
			const from = body.indexOf('{"model_type"');
			const metadata = body.subarray(from, body.indexOf(0, from));
			return Buffer.concat([
				Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0]),
				leb(metadata.length + 2),
				Buffer.from([1, 0x78]),
				metadata
			]);
		})
	);
	const app = new AppPage(page);
	await app.openUnread();
	const before = await gpuProcessBytes(browser);
	await app.loadButton().click();
	await expect(app.alert).toContainText('No model is loaded now.');
	await expect(app.live).toHaveText('0 bytes');
	const after = await gpuProcessBytes(browser);
	await expect.poll(() => app.cachedUrls()).not.toContainEqual(expect.stringContaining(LIBRARY));

	faults.mend();
	await app.loadChosen();
	expectFreed(before, after, await gpuProcessBytes(browser));
});

function leb(n: number): Buffer {
	const bytes: number[] = [];
	for (; n >= 0x80; n >>>= 7) bytes.push((n & 0x7f) | 0x80);
	return Buffer.from([...bytes, n]);
}

/** The system's own count: what the failure left is little beside what a load takes. */
function expectFreed(before: number | null, after: number | null, loaded: number | null) {
	if (before === null || after === null || loaded === null) return;
	expect(loaded).toBeGreaterThan(before);
	expect((after - before) / (loaded - before)).toBeLessThan(0.3);
}
