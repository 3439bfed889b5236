import type { ChatCompletionContentPart } from '@mlc-ai/web-llm';
import { expect, onTestFinished, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { appIn } from '../app/app.fixture.ts';
import { takeFiles } from '../app/take-files.ts';
import Composer from '../chat/Composer.svelte';
import { answered } from '../engine/engine.fixture.ts';
import type { GenerateRequest } from '../engine/protocol.ts';
import { families } from '#plan/models/catalog-data.ts';
import { ownId, type OwnModel } from '#plan/own/own-model.ts';
import { PHI_VISION } from '#plan/own/phi-vision.fixture.ts';
import type { Looked } from '../files/protocol.ts';
import InApp from '../panel/InApp.fixture.svelte';
import { report } from '../panel/report.ts';
import { Failure } from '../rpc/failure.ts';
import { Resident } from '../runner/resident.ts';
import { withFamily } from '../settings/family-settings.ts';
import { nameOfDownload, type Download } from '../disk/on-disk.ts';
import { Adding } from './adding.svelte.ts';
import AddModel from './AddModel.svelte';
import OwnList from './OwnList.svelte';

const COMMIT = '6f1d3bd1a0f5cbeb7e54f0a3a2bb5a3e0f1c2d34';
const NAME = 'Llama-3.2-1B-Instruct-q4f32_1-MLC';
const ID = `mallory/${NAME}@6f1d3bd1`;
const CONFIG = {
	model_type: 'llama',
	quantization: 'q4f32_1',
	vocab_size: 1000,
	context_window_size: 2048,
	sliding_window_size: -1,
	tokenizer_files: ['tokenizer.json'],
	conv_template: {
		system_template: '{system_message}',
		system_message: '',
		roles: { user: 'u', assistant: 'a' },
		seps: ['\n'],
		stop_str: [],
		stop_token_ids: [0]
	},
	model_config: { hidden_size: 64, num_attention_heads: 4, num_hidden_layers: 2, rope_theta: 10000 }
};
const MANIFEST = {
	records: [
		{
			dataPath: 'params_shard_0.bin',
			nbytes: 256,
			records: [{ name: 'norm', shape: [64], dtype: 'float32', nbytes: 256, byteOffset: 0 }]
		}
	]
};
const LIBRARY = {
	model_type: 'llama',
	quantization: 'q4f32_1',
	params: [{ name: 'norm', shape: [64], dtype: 'float32' }]
};
const sum = { algorithm: 'sha256' as const, hex: '0'.repeat(64) };
const file = (path: string, bytes = 10) => ({ path, bytes, sum });
const looked = (change: Partial<Looked> & { json?: object } = {}): Looked => {
	const { json = CONFIG, ...rest } = change;
	return {
		baseUrl: `https://huggingface.co/mallory/${NAME}/resolve/${COMMIT}/`,
		revision: COMMIT,
		mainCommits: [COMMIT],
		files: [
			file('mlc-chat-config.json'),
			file('tensor-cache.json'),
			file('tokenizer.json'),
			file('params_shard_0.bin', 256)
		],
		config: JSON.stringify(json),
		manifest: JSON.stringify(MANIFEST),
		...rest
	};
};

const FOLDER = {
	'mlc-chat-config.json': JSON.stringify(CONFIG),
	'tensor-cache.json': JSON.stringify(MANIFEST),
	'tokenizer.json': '{}',
	'params_shard_0.bin': 'x'.repeat(256)
};

/** The part of the page, with a fake files worker: whose libraries all read the same, for a model like ours. */
async function adder({
	look = () => looked(),
	libraryConfig = CONFIG,
	library = LIBRARY,
	sha256 = '1'.repeat(64)
}: {
	look?: (params: { baseUrl: string }) => unknown;
	libraryConfig?: object;
	library?: object;
	sha256?: string;
} = {}) {
	const world = appIn();
	onTestFinished(world.close);
	Object.assign(world.files.answers, {
		look,
		lookAtConfig: () => JSON.stringify(libraryConfig),
		lookAtLibrary: () => ({ metadata: JSON.stringify(library), imports: null, sha256, bytes: 9 })
	});
	await world.start();
	const screen = await render(InApp, { app: world.app, View: AddModel, given: {} });
	const name = screen.getByRole('textbox', { name: 'Name or address' });
	return {
		...world,
		screen,
		found: screen.getByTestId('found'),
		view: {
			/** As the folder's own input hands it over. */
			drop: async (name = 'My poet') => {
				const input = screen.getByLabelText('Folder of a model').element() as HTMLInputElement;
				const files = Object.entries(FOLDER).map(([path, body]) =>
					Object.defineProperty(new File([body], path), 'webkitRelativePath', {
						value: `${name}/${path}`
					})
				);
				Object.defineProperty(input, 'files', { value: files, configurable: true });
				input.dispatchEvent(new Event('change', { bubbles: true }));
				return Promise.resolve();
			}
		},
		button: (name: string) => screen.getByRole('button', { name, exact: true }),
		look: async (typed: string) => {
			await name.fill(typed);
			await screen.getByRole('button', { name: 'Check', exact: true }).first().click();
		}
	};
}

test('a model that fits is added under its owner’s name, and stays for the next visit', async () => {
	const { app, again, found, look, button } = await adder();
	await look(`mallory/${NAME}`);
	await expect
		.element(found)
		.toHaveTextContent(
			'Same name as Llama 3.2 1B Instruct in the catalogue, but published by mallory.'
		);
	await expect.element(found).toHaveTextContent('it reads the same tensors');
	await expect.element(found).toHaveTextContent('286 bytes, each file with its hash');
	expect(app.catalog.variant(ID)).toBeUndefined();
	await button('Add').click();
	await expect.poll(() => app.catalog.variant(ID)?.origin).toBe('own');
	const variant = app.catalog.variant(ID)!;
	expect(app.catalog.familyOf(variant).name).toBe('Llama 3.2 1B Instruct (mallory)');
	expect(app.catalog.sourceOf(variant).baseUrl).toBe(looked().baseUrl);
	const download = { variant, askedUrl: '' } as Download;
	expect(nameOfDownload(download, app.catalog)).toBe('Llama 3.2 1B Instruct (mallory) q4f32_1');
	expect(app.selection.variant.id).not.toBe(ID);

	const next = again();
	onTestFinished(next.close);
	await next.start();
	expect(next.app.catalog.variant(ID)).toEqual(variant);
	// A variant is told by its identity.
	expect(next.app.catalog.variant(ID)).toBe(next.app.catalog.variant(ID));
});

/** The same model in another quantization. */
const sibling = (model: OwnModel, quantization = 'q4f16_1', commit = 'a'.repeat(40)): OwnModel => {
	const { source, library } = structuredClone(model);
	if (source.kind !== 'hub' || library.kind !== 'catalog') throw new Error('Not from the hub.');
	const named = (text: string) => text.replace('q4f32_1', quantization);
	return {
		...model,
		source: { ...source, name: named(source.name), commit },
		quantization,
		library: { ...library, variantId: named(library.variantId) }
	};
};
const FAMILY = 'mallory/Llama-3.2-1B-Instruct';

test('quantizations of one model are one family, and a variant stays the same whatever comes or goes', async () => {
	const { app, look, button } = await adder();
	const own = app.catalog.own!;
	await look(`mallory/${NAME}`);
	await button('Add').click();
	await expect.poll(() => own.list.length).toBe(1);
	const first = app.catalog.variant(ID)!;
	expect(first.familyId).toBe(FAMILY);
	const alone = app.catalog.familyOf(first);

	const other = sibling(own.list[0]!);
	await own.add(other);
	const second = app.catalog.variant(ownId(other.source))!;
	expect(app.catalog.variant(ID)).toBe(first);
	const both = app.catalog.familyOf(first);
	expect(both).toMatchObject({ id: alone.id, name: alone.name, variants: [first, second] });
	await own.noteCheck(second.id, null);
	expect(app.catalog.familyOf(second)).toBe(both);
	// Its records are one each, as before.
	expect(own.list.map(({ source }) => ownId(source))).toEqual([ID, second.id]);

	await own.remove(ID);
	expect(app.catalog.variant(second.id)).toBe(second);
	expect(own.families).toMatchObject([{ id: FAMILY, variants: [second] }]);
	// Something may still speak of the other.
	expect(app.catalog.familyOf(first).id).toBe(FAMILY);
	await own.remove(second.id);
	expect(own.families).toEqual([]);
	expect(app.catalog.familyOf(second).name).toBe(alone.name);
});

test('of two revisions with one quantization the later stands apart, and stays the same when the other goes', async () => {
	const { app, look, button, again } = await adder();
	const own = app.catalog.own!;
	await look(`mallory/${NAME}`);
	await button('Add').click();
	await expect.poll(() => own.list.length).toBe(1);
	const [model] = own.list;
	const later = sibling(model!, 'q4f32_1', 'b'.repeat(40));
	await own.add(later);
	// Added once more, as a folder is copied again, it keeps its place.
	await own.add({ ...model!, addedAt: model!.addedAt + 1 });
	expect(own.families.map(({ name }) => name)).toEqual([
		'Llama 3.2 1B Instruct (mallory)',
		'Llama 3.2 1B Instruct (mallory, bbbbbbbb)'
	]);
	const variant = app.catalog.variant(ownId(later.source))!;
	expect(variant.familyId).toBe(variant.id);
	const list = await render(InApp, { app, View: OwnList, given: { onremoved: () => {} } });
	await expect.element(list.getByText(variant.id)).toBeVisible();

	await own.remove(ID);
	expect(app.catalog.variant(variant.id)).toBe(variant);
	expect(app.catalog.familyOf(variant).variants).toEqual([variant]);
	const next = again();
	onTestFinished(next.close);
	await next.start();
	expect(next.app.catalog.own?.families).toMatchObject([
		{ id: FAMILY, name: 'Llama 3.2 1B Instruct (mallory)', variants: [{ id: variant.id }] }
	]);
});

test('what was remembered of a model before it stood together with others counts for its family', async () => {
	const { app, look, button, again } = await adder();
	await look(`mallory/${NAME}`);
	await button('Add').click();
	await expect.poll(() => app.catalog.own?.list.length).toBe(1);
	await expect.poll(() => app.adaptation).not.toBeNull();
	const choice = { variantId: ID, contextWindow: 1024 };
	await app.adaptation?.families.update((records) =>
		withFamily(records, ID, { choice, sampling: { temperature: 0.1 } })
	);
	const next = again();
	onTestFinished(next.close);
	await next.start();
	await expect.poll(() => next.app.adaptation).not.toBeNull();
	const { adaptation, catalog, selection } = next.app;
	expect(adaptation?.ofFamily(FAMILY)).toEqual({ choice, sampling: { temperature: 0.1 } });
	selection.chooseFamily(catalog.familyOf(catalog.variant(ID)!));
	expect(selection.choice).toEqual(choice);
});

test('a model whose library sees is added as one that takes images, with what an image takes of memory', async () => {
	const json = PHI_VISION;
	const library = {
		...LIBRARY,
		model_type: 'phi3_v',
		quantization: 'q4f16_1',
		memory_usage: { prefill: 1000, decode: 1000, embed: 1000, image_embed: 900_000_000 }
	};
	const { app, engines, screen, found, look, button } = await adder({
		look: () => looked({ json }),
		libraryConfig: json,
		library
	});
	await look('alice/Seer-q4f16_1-MLC');
	await expect
		.element(found)
		.toHaveTextContent(
			'that of Phi 3.5 Vision Instruct q4f16_1: it reads the same tensors, and takes images'
		);
	await button('Add').click();
	await expect.poll(() => app.catalog.own?.families.length).toBe(1);
	const [family] = app.catalog.own!.families;
	const [variant] = family!.variants;
	expect(family).toMatchObject({ id: 'alice/Seer', vision: true });
	expect(variant).toMatchObject({ vision: true, modelType: 2 });
	expect(app.catalog.own?.list[0]?.declaredBytes).toBeGreaterThan(900_000_000);

	let type: number | undefined;
	engines.bytesOf = ({ record }) => {
		type = record.model_type;
		return 1;
	};
	const asked: GenerateRequest[] = [];
	engines.scripts = [
		{
			generate: (request, say) => {
				asked.push(request);
				say('A square.');
				return Promise.resolve(answered);
			}
		}
	];
	// A picture takes some 2,600 tokens of it.
	app.selection.choose(variant!.id, 4096);
	expect(await app.load(true)).toBe('loaded');
	// WebLLM refuses images for any other type.
	expect(type).toBe(2);
	const loaded = app.loader.loaded!;
	expect(new Resident(loaded, family!.name).can.images).toBe(true);
	expect(app.running.answeringVariant.vision).toBe(true);

	// A picture, given as a person gives it; the engine that looks at it is the fake one.
	await screen.unmount();
	let given: Promise<string[]> | undefined;
	const chat = await render(InApp, {
		app,
		View: Composer,
		given: {
			problems: [],
			onfiles: (files: readonly File[]) => (given = takeFiles(app, files)),
			onconversation: () => {},
			oninput: () => {}
		}
	});
	await userEvent.upload(chat.getByLabelText('Files to add'), await aDrawing());
	expect(await given).toEqual([]);
	await expect.element(chat.getByRole('img', { name: 'drawing.png' })).toBeVisible();
	await chat.getByRole('textbox', { name: 'Message' }).fill('What is it?');
	await chat.getByRole('button', { name: 'Send' }).click();
	await expect.poll(() => asked.length).toBe(1);
	const [picture, words] = asked[0]?.messages.at(-1)?.content as ChatCompletionContentPart[];
	expect(picture?.type === 'image_url' && picture.image_url.url).toMatch(
		/^data:image\/\w+;base64,/
	);
	expect(words).toEqual({ type: 'text', text: 'What is it?' });
	await expect.poll(() => app.session.messages.at(-1)).toMatchObject({ text: 'A square.' });
});

async function aDrawing(): Promise<File> {
	const canvas = new OffscreenCanvas(40, 30);
	canvas.getContext('2d')?.fillRect(5, 5, 20, 10);
	return new File([await canvas.convertToBlob()], 'drawing.png', { type: 'image/png' });
}

test('what is compiled in and differs is named, and only a person overrules it', async () => {
	const libraryConfig = { ...CONFIG, model_config: { ...CONFIG.model_config, rope_theta: 500000 } };
	const { app, screen, found, look, button } = await adder({ libraryConfig });
	await look('alice/Poet');
	await expect
		.element(found)
		.toHaveTextContent('the model has 10000, the library was compiled for 500000');
	await expect.element(button('Add')).toBeDisabled();
	await screen.getByRole('checkbox', { name: 'Use it anyway' }).click();
	await button('Add').click();
	await expect.poll(() => app.catalog.own?.list[0]?.overruled[0]).toContain('rope_theta');
});

test('a quantization that is not clear is told with all that was said, and decided by hand', async () => {
	const json = { ...CONFIG, quantization: 'q4f16_1' };
	const { app, screen, found, look, button } = await adder({ look: () => looked({ json }) });
	await look(`alice/Poet-q4f32_1-MLC`);
	await expect
		.element(found)
		.toHaveTextContent(
			'its configuration says q4f16_1, its name says q4f32_1, the library says q4f32_1'
		);
	await expect.element(button('Add')).toBeDisabled();
	await screen.getByRole('button', { name: 'q4f32_1' }).click();
	await button('Add').click();
	await expect.poll(() => app.catalog.own?.list[0]?.quantization).toBe('q4f32_1');
});

test.each([
	[[file('poet.Q4_K_M.gguf')], 'It holds GGUF files'],
	[[file('model.safetensors'), file('config.json')], 'git clone https://huggingface.co/alice/Poet'],
	[[file('onnx/model.onnx')], 'It holds ONNX files'],
	[[file('README.md')], 'It holds no model that this page knows']
])('what a repository holds instead is said, with the way to convert it', async (files, words) => {
	const { screen, look } = await adder({
		look: () => looked({ files, config: null, manifest: null })
	});
	await look('alice/Poet');
	await expect.element(screen.getByRole('alert')).toHaveTextContent(words);
});

test('a shard that is missing or of another size is told before anything is downloaded', async () => {
	const files = looked().files!.map((each) =>
		each.path.endsWith('.bin') ? { ...each, bytes: 255 } : each
	);
	const { screen, look, files: worker } = await adder({ look: () => looked({ files }) });
	await look('alice/Poet');
	await expect
		.element(screen.getByRole('alert'))
		.toHaveTextContent('params_shard_0.bin: expected 256 bytes, found 255 bytes.');
	expect(worker.asked.some((what) => what.startsWith('download'))).toBe(false);
});

test('what is no address is refused without asking anybody', async () => {
	const { screen, look, files } = await adder();
	await look('http://models.example/poet');
	await expect.element(screen.getByRole('alert')).toHaveTextContent('Only https addresses');
	expect(files.asked).not.toContain('look');
});

test('a gated model leads to its licence and asks for a token, which goes nowhere else', async () => {
	let token: string | null = null;
	const page = 'https://huggingface.co/alice/Poet';
	const { app, screen, look, files, found, again } = await adder({
		look: () => {
			if (token === null) throw new Failure('gated', 'Not for everybody.', { page });
			return looked();
		}
	});
	Object.assign(files.answers, {
		authorize: (params: { token: string | null }) => {
			token = params.token;
			return null;
		}
	});
	await look('alice/Poet');
	await expect
		.element(screen.getByRole('link', { name: 'Accept the licence' }))
		.toHaveAttribute('href', page);
	await screen.getByRole('alert').getByLabelText('Read token').fill('hf_secret');
	await screen.getByRole('button', { name: 'Use and try again' }).click();
	await expect.element(found).toBeVisible();
	expect(token).toBe('hf_secret');
	expect(app.catalog.own?.token).toBe('for-this-visit');

	const next = again();
	onTestFinished(next.close);
	await next.start();
	expect(next.app.catalog.own?.token).toBe('none');
	await app.catalog.own?.useToken('hf_kept', true);
	await expect.poll(() => next.app.catalog.own?.token).toBe('kept');
	expect(await report(next.app, 'test')).not.toContain('hf_kept');
	await app.catalog.own?.useToken(null, false);
	await expect.poll(() => next.app.catalog.own?.token).toBe('none');
});

test('where no library fits, a stranger’s is taken only by hand, and pinned', async () => {
	const other = { ...LIBRARY, params: [{ name: 'norm', shape: [65], dtype: 'float32' }] };
	const { app, screen, look, files, found, button } = await adder({ library: other });
	await look('alice/Poet');
	await expect.element(found).toHaveTextContent('Tensor norm is [64]; the library reads [65].');
	const field = screen.getByRole('textbox', { name: 'Library from elsewhere' });
	const lookAt = screen
		.getByRole('form', { name: 'Library' })
		.getByRole('button', { name: 'Check' });
	await field.fill('https://alice.example/poet.wasm');
	await lookAt.click();
	await expect.element(screen.getByRole('alert')).toHaveTextContent('This library does not fit.');

	Object.assign(files.answers, {
		lookAtLibrary: ({ url }: { url: string }) => ({
			metadata: JSON.stringify(url.includes('alice.example') ? LIBRARY : other),
			imports: null,
			sha256: 'a'.repeat(64),
			bytes: 9
		})
	});
	// What was found is still there.
	await lookAt.click();
	await expect.element(found).toHaveTextContent('SHA-256 aaaaaaaaaaaaaaaa');
	await expect.element(button('Add')).toBeDisabled();
	await screen.getByRole('checkbox', { name: /code from a stranger/ }).click();
	await button('Add').click();
	await expect.poll(() => app.catalog.own?.list.length).toBe(1);
	const [variant] = app.catalog.own!.families[0]!.variants;
	expect(app.catalog.sourceOf(variant!)).toMatchObject({
		libraryUrl: 'https://alice.example/poet.wasm',
		librarySha256: 'a'.repeat(64)
	});
});

test.each([
	['what its main is now', [COMMIT], true],
	['what its main was when it was pinned here', ['0'.repeat(40), COMMIT], true],
	['another commit of it', ['0'.repeat(40)], false]
])('a repository of the catalogue at %s is left to the catalogue', async (_, commits, refused) => {
	const { app, screen, found, look } = await adder({
		look: () => looked({ mainCommits: commits })
	});
	await look(`mlc-ai/${NAME}@${COMMIT}`);
	if (refused) {
		await expect
			.element(screen.getByRole('alert'))
			.toHaveTextContent(
				'This is Llama 3.2 1B Instruct q4f32_1 of the catalogue: choose it there.'
			);
		await expect.element(found).not.toBeInTheDocument();
	} else await expect.element(found).toBeVisible();
	expect(app.catalog.own?.list).toEqual([]);
});

/** An answer of the fake worker that comes when the test says so. */
function later<T>() {
	let give: (value: T) => void = () => {};
	const promise = new Promise<T>((resolve) => (give = resolve));
	return { promise, give };
}

const picked = Object.entries(FOLDER).map(([path, body]) => ({
	path,
	file: new File([body], path)
}));

test('what was cancelled stays cancelled, whatever the worker still answers', async () => {
	const answer = later<Looked>();
	const { app } = await adder({ look: () => answer.promise });
	const adding = new Adding(app);
	const looking = adding.look('alice/Poet');
	expect(adding.state.kind).toBe('looking');
	adding.cancel();
	answer.give(looked());
	await looking;
	expect(adding.state).toEqual({ kind: 'idle' });
});

test('what was begun since is not overwritten by what was begun before', async () => {
	const answer = later<Looked>();
	const { app } = await adder({ look: () => answer.promise });
	const adding = new Adding(app);
	const looking = adding.look('alice/Poet');
	await adding.look('http://models.example/poet');
	answer.give(looked());
	await looking;
	expect(adding.state).toMatchObject({ kind: 'failed', failure: { detail: { cause: 'address' } } });
});

test('a folder is not added when copying it was cancelled at the last moment', async () => {
	const copied = later<null>();
	const { app, files } = await adder();
	Object.assign(files.answers, { copyFolder: () => copied.promise });
	const adding = new Adding(app);
	await adding.lookAtFolder('My poet', picked);
	const { state } = adding;
	if (state.kind !== 'model') throw new Error(`Expected a model, found ${state.kind}.`);
	const model = adding.modelOf(state.found, { overruled: false, trusted: false })!;
	const adds = adding.add(state.found, model);
	await expect.poll(() => adding.state.kind).toBe('copying');
	adding.cancel();
	copied.give(null);
	await adds;
	expect(adding.state).toEqual({ kind: 'idle' });
	expect(app.catalog.own?.list).toEqual([]);
});

test('it is planned as it will be loaded: with what the library’s own record replaces', async () => {
	const json = {
		...CONFIG,
		model_type: 'mistral',
		quantization: 'q4f16_1',
		context_window_size: -1,
		sliding_window_size: 1024,
		attention_sink_size: 0
	};
	const { app, look, button } = await adder({ look: () => looked({ json }), libraryConfig: json });
	await look('alice/Poet');
	await button('Add').click();
	await expect.poll(() => app.catalog.own?.list.length).toBe(1);
	const [model] = app.catalog.own!.list;
	const lent = app.catalog.own!.families[0]!.variants[0]!;
	expect(lent.overrides).toEqual({ sliding_window_size: -1 });
	expect(model?.contextWindow).toBe(4096);
});

test('where there is no place for another model nothing is copied', async () => {
	const { app, files, screen, view, button } = await adder();
	const own = app.catalog.own!;
	await view.drop();
	await button('Add').click();
	await expect.poll(() => own.list.length).toBe(1);
	const [model] = own.list;
	const source = { kind: 'hub' as const, owner: 'alice', commit: COMMIT };
	for (let i = 0; i < 99; i++)
		await own.add({ ...model!, source: { ...source, name: `Poet-${i}` } });
	const one = { ...model!, source: { ...source, name: 'Poet-100' } };
	await expect(own.add(one)).rejects.toMatchObject({ detail: { cause: 'full' } });

	await own.remove(ownId(model!.source));
	await own.add(one);
	const copies = () => files.asked.filter((what) => what === 'copyFolder').length;
	const before = copies();
	await view.drop();
	await button('Add').click();
	await expect
		.element(screen.getByRole('alert'))
		.toHaveTextContent('100 models are the most that can be added.');
	expect(copies()).toBe(before);
	expect(own.list).toHaveLength(100);
});

test('where nothing could be compared that is said, and no stranger’s library is offered', async () => {
	const { screen, files, found, look, button } = await adder();
	const { lookAtConfig } = files.answers;
	Object.assign(files.answers, {
		lookAtConfig: () => {
			throw new Failure('network', 'The browser is offline.', { cause: 'offline' });
		}
	});
	await look('alice/Poet');
	await expect
		.element(found)
		.toHaveTextContent(
			'Nothing could be compared with the catalogue’s libraries. The browser is offline.'
		);
	await expect.element(screen.getByRole('form', { name: 'Library' })).not.toBeInTheDocument();
	Object.assign(files.answers, { lookAtConfig });
	await button('Try again').click();
	await expect.element(found).toHaveTextContent('it reads the same tensors');
});

test('a folder that was added can be copied again', async () => {
	const { app, files, view, found, button } = await adder();
	const copied: string[] = [];
	Object.assign(files.answers, {
		copyFolder: ({ baseUrl }: { baseUrl: string }) => void copied.push(baseUrl)
	});
	await view.drop();
	await button('Add').click();
	await expect.poll(() => app.catalog.own?.list.length).toBe(1);
	await view.drop();
	await expect.element(found).toHaveTextContent('Copy it again if its files are gone.');
	await button('Copy again').click();
	await expect.poll(() => copied.length).toBe(2);
	expect(copied[0]).toBe(copied[1]);
	expect(app.catalog.own?.list).toHaveLength(1);
});

test('a model is removed with its files, and stays where they are in use', async () => {
	const { app, files, look, button } = await adder();
	await look(`mallory/${NAME}`);
	await button('Add').click();
	await expect.poll(() => app.catalog.own?.list.length).toBe(1);
	const variant = app.catalog.variant(ID)!;
	const list = await render(InApp, { app, View: OwnList, given: { onremoved: () => {} } });
	const remove = list.getByRole('button', { name: `Remove ${ID} with its files` });
	const before = files.remove;
	files.remove = () => Promise.reject(new Failure('in-use', 'It is loaded.'));
	await remove.click();
	await expect
		.element(list.getByRole('alert'))
		.toHaveTextContent('It is loaded. Unload the model in every tab first.');
	expect(app.catalog.variant(ID)).toBe(variant);
	files.remove = before;
	await remove.click();
	await expect.poll(() => app.catalog.variant(ID)).toBeUndefined();
	expect(files.asked).toContain(`remove ${looked().baseUrl}`);
	// Something may still speak of it.
	expect(app.catalog.familyOf(variant).name).toBe('Llama 3.2 1B Instruct (mallory)');
});

test('an imported file only proposes: nothing is asked before a person looks', async () => {
	const { app, screen, files, found } = await adder();
	await app.catalog.own?.propose([`mallory/${NAME}@${COMMIT}`, 'javascript:alert(1)']);
	const proposals = screen.getByRole('list', { name: 'Proposed models' });
	await expect.element(proposals).toHaveTextContent(`mallory/${NAME}@${COMMIT}`);
	expect(files.asked).not.toContain('look');
	expect(app.catalog.families).toHaveLength(families.length);
	await screen.getByRole('button', { name: /^Check\s+mallory/ }).click();
	await expect.element(found).toBeVisible();
	expect(app.catalog.families).toHaveLength(families.length);

	await screen.getByRole('button', { name: 'Cancel' }).first().click();
	await expect.element(proposals).toHaveTextContent('javascript:alert(1)');
	expect(proposals.element().querySelector('a')).toBeNull();
	await screen.getByRole('button', { name: /^Check\s+javascript/ }).click();
	await expect
		.element(screen.getByRole('alert'))
		.toHaveTextContent('“javascript:alert(1)” is not a model name.');
	expect(files.asked.filter((what) => what === 'look')).toHaveLength(1);
});

test('a proposal that was added is proposed no more', async () => {
	const { app, screen, button } = await adder();
	const own = app.catalog.own!;
	await own.propose([`mallory/${NAME}`, `mallory/${NAME}@${COMMIT}`, 'alice/Other']);
	await screen.getByRole('button', { name: new RegExp(`^Check\\s+mallory/${NAME}$`) }).click();
	await button('Add').click();
	await expect.poll(() => own.list.length).toBe(1);
	expect(own.proposed).toEqual(['alice/Other']);
});
