import { defaultReserveBytes } from '#plan/device/budget.ts';
import { adviceBySize } from '#plan/memory/by-size.ts';
import type { Choice } from '#plan/memory/choice.ts';
import { FAILURE_LIFE_MS } from '#plan/memory/history.ts';
import type { Knowledge } from '#plan/memory/judge.ts';
import { DEFAULT_THRESHOLD, FITS_RATIO } from '#plan/memory/verdict.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { absentQuantizations, explainQuantization } from '#plan/models/quantization-words.ts';
import { bitsPerWeight, savedRatio, type Quantization } from '#plan/models/quantization.ts';
import { bytes, count, percent } from '#plan/words.ts';
import { UNUSED_AFTER_DAYS } from '../disk/on-disk.ts';
import { symptomSections } from './symptoms.ts';

/** A page of the site that a section leads to. */
export type HelpTarget = '/' | '/models' | '/measure' | '/compare' | '/advise' | '/adapt';

export type HelpBlock =
	| { kind: 'text'; text: string }
	| { kind: 'steps'; items: readonly string[] }
	| { kind: 'list'; items: readonly string[] }
	| {
			kind: 'table';
			label: string;
			head: readonly string[];
			rows: readonly (readonly string[])[];
	  }
	| { kind: 'links'; links: readonly { to: HelpTarget; text: string }[] };

export interface HelpSection {
	/** Its anchor in the page. */
	id: string;
	title: string;
	blocks: readonly HelpBlock[];
	/** A problem, found by what a person sees. */
	symptom: boolean;
}

const DAY_MS = 24 * 3600 * 1000;

/** All of the help, with figures from the catalogue and the plan. `knownOf`: what the files of a variant say. */
export const helpSections = (
	families: readonly Family[],
	knownOf: (variant: Variant) => Knowledge
): HelpSection[] => [
	...guide(families, knownOf).map((section) => ({ ...section, symptom: false })),
	...symptomSections.map((section) => ({ ...section, symptom: true }))
];

const guide = (
	families: readonly Family[],
	knownOf: (variant: Variant) => Knowledge
): Omit<HelpSection, 'symptom'>[] => [
	{
		id: 'quick-start',
		title: 'Quick start',
		blocks: [
			{
				kind: 'steps',
				items: [
					'Set the GPU memory in the model panel. Browsers do not tell how much a GPU has; until you do, the page assumes a careful figure.',
					'Choose a family and a quantization, or open “For my GPU” and use one of its answers. The bar and the verdict say what it will take before anything is downloaded.',
					'Press “Load”. The files are downloaded once, checked, and kept in this browser.',
					'Write a message. Everything runs on your GPU; nothing leaves the page unless you choose a server of your own, or let programs in (an extension, or a local server that you started).'
				]
			},
			{
				kind: 'text',
				text: 'Without a download: pocket, the demonstration that ships with the page, shows how everything works. It answers questions about the page, and nothing else.'
			},
			{
				kind: 'links',
				links: [
					{ to: '/', text: 'To the chat' },
					{ to: '/models', text: 'All models' }
				]
			}
		]
	},
	{
		id: 'verdicts',
		title: 'Fits, tight, blocked: what the verdicts mean',
		blocks: [
			{
				kind: 'list',
				items: [
					`Fits: it takes at most ${percent(FITS_RATIO)} of the budget.`,
					`Tight: it takes more than that, but is below the threshold (${percent(DEFAULT_THRESHOLD)} unless you change it). It may be loaded; other programs may push it out.`,
					'Blocked: it would not fit, or the GPU lacks something it needs. Where only the budget stands in the way, it can be loaded anyway, once.',
					`The budget is what the GPU has, less what is reserved for other programs (${bytes(defaultReserveBytes)} unless you change it).`
				]
			},
			{
				kind: 'text',
				text: `“Exact” means that the plan was read from the model’s own files; “estimate” that only the catalogue’s figure is known, and “Check exactly” reads the rest, a few megabytes. “Measured” means that it was loaded here. What ran out of memory here is remembered for ${count(FAILURE_LIFE_MS / DAY_MS)} days.`
			}
		]
	},
	{
		id: 'quantizations',
		title: 'Quantizations: the trade-offs',
		blocks: [
			{
				kind: 'text',
				text: 'A quantization stores the weights in fewer bits. That saves memory and download, and costs some precision. Which one is faster depends on the GPU: only a measurement on your device tells.'
			},
			quantizationTable(families),
			{
				kind: 'list',
				items: [
					'More parameters in 4 bits usually answer better than fewer parameters in 16 bits at the same memory.',
					'Small models lose more by coarse quantization than large ones.',
					...absent(families)
				]
			},
			{
				kind: 'links',
				links: [
					{ to: '/measure', text: 'Measure speed and memory' },
					{ to: '/compare', text: 'Compare answers' },
					{ to: '/models', text: 'Compare quality, on the Models page' }
				]
			}
		]
	},
	{
		id: 'names',
		title: 'How models are named',
		blocks: [
			{
				kind: 'text',
				text: 'A name such as Llama-3.2-1B-Instruct-q4f16_1-MLC has three parts:'
			},
			{
				kind: 'list',
				items: [
					'Llama-3.2-1B-Instruct: the family. 1B is a billion parameters; Instruct, Chat or it means that it was trained to answer; Base was not.',
					'q4f16_1: the quantization. q4: 4 bits per weight (q0: not quantized); f16: it computes in 16 bits; _1: the layout of the weights in memory, which changes nothing for you.',
					'MLC: the format that WebLLM reads. Files in other formats (GGUF, safetensors) cannot be loaded here.'
				]
			},
			{
				kind: 'text',
				text: 'f16 needs 16-bit shaders (shader-f16). A GPU without them runs the f32 variants, which take more memory.'
			}
		]
	},
	{
		id: 'gpu-sizes',
		title: 'What to choose by the size of the GPU',
		blocks: [
			{
				kind: 'text',
				text: 'For a dedicated GPU with 16-bit shaders. A GPU inside the processor shares the computer’s memory. On a Mac, it can use about two thirds of that, more above 32 GB.'
			},
			sizeTable(families, knownOf),
			{
				kind: 'links',
				links: [{ to: '/advise', text: 'Try any GPU and any model' }]
			}
		]
	},
	{
		id: 'context-window',
		title: 'The context window',
		blocks: [
			{
				kind: 'text',
				text: 'The context window is how many tokens of a conversation the model can hold: questions, answers and the system prompt together. A token is about four characters of English, fewer in other languages. The KV cache for it is reserved on the GPU when the model is loaded, so a larger window takes more memory, even in a short conversation.'
			},
			{
				kind: 'text',
				text: 'The ring beside the message shows how full the window is. To change the window, the model is loaded again; the conversation stays.'
			}
		]
	},
	{
		id: 'files',
		title: 'Where model files are stored, and when they are used',
		blocks: [
			{
				kind: 'list',
				items: [
					'Downloads are kept in this browser’s storage for this site (the Cache API, under webllm/), inside the browser’s profile on this computer. They are not separate files, and other sites, browsers and profiles cannot see them.',
					'Disk to GPU: files are read when a model is loaded. From then on the weights are on the GPU, and no file is read while it answers.',
					'Unloading frees the GPU and keeps the files. The next load needs no network.',
					'Deleting a download frees the disk. The Models page lists what is there, what it takes, and when it was last used.',
					'A private window forgets everything when it is closed, and may have little room.',
					'The browser may clear a site’s storage when the disk fills up, unless it promised not to. The Models page says which of the two holds, and can ask.'
				]
			},
			{ kind: 'links', links: [{ to: '/models', text: 'Downloads, on the Models page' }] }
		]
	},
	{
		id: 'offline',
		title: 'Offline',
		blocks: [
			{
				kind: 'text',
				text: 'After the first visit the page itself, this help included, works without a network, and so does every model that is whole on disk. “Offline mode” in the settings keeps the page from fetching anything even where there is a network.'
			}
		]
	},
	{
		id: 'practices',
		title: 'Good practice',
		blocks: [
			{
				kind: 'list',
				items: [
					'Set the GPU memory once: every verdict depends on it.',
					'Leave some memory free: a model that takes all of the GPU is the first to fail when another program opens a window.',
					'Close video calls, games and other tabs with 3D before you load something tight.',
					'Choose the window that you need, not the largest: it costs memory, and long conversations answer more slowly.',
					'Before you rely on a coarse quantization, compare its answers with a finer one.',
					`Delete what you no longer use: “Remove unused models” finds what was not loaded for ${count(UNUSED_AFTER_DAYS)} days.`
				]
			},
			{
				kind: 'links',
				links: [{ to: '/adapt', text: 'Let the page swap quantizations by itself' }]
			}
		]
	}
];

function quantizationTable(families: readonly Family[]): HelpBlock {
	const known = new Map<string, { quantization: Quantization; families: Set<string> }>();
	for (const { id, variants } of families)
		for (const { quantization } of variants) {
			const entry = known.get(quantization.name) ?? { quantization, families: new Set() };
			known.set(quantization.name, entry);
			entry.families.add(id);
		}
	const rows = [...known.values()]
		.sort((a, b) => bitsPerWeight(b.quantization) - bitsPerWeight(a.quantization))
		.map(({ quantization, families }) => [
			quantization.name,
			bitsPerWeight(quantization).toFixed(1),
			saved(quantization, 16),
			saved(quantization, 32),
			count(families.size),
			explainQuantization(quantization).whenToUse
		]);
	return {
		kind: 'table',
		label: 'Quantizations of the catalogue',
		head: [
			'Name',
			'Bits per weight',
			'Saved vs. 16-bit',
			'Saved vs. 32-bit',
			'Families',
			'When to use it'
		],
		rows
	};
}

const absent = (families: readonly Family[]): string[] => {
	const sentence = absentQuantizations(families.flatMap(({ variants }) => variants));
	return sentence === null ? [] : [sentence];
};

function saved(quantization: Quantization, fullBits: 16 | 32): string {
	const ratio = savedRatio(quantization, fullBits);
	return ratio >= 0.005 ? `−${percent(ratio)}` : '–';
}

const sizeTable = (
	families: readonly Family[],
	knownOf: (variant: Variant) => Knowledge
): HelpBlock => ({
	kind: 'table',
	label: 'Models by the size of the GPU',
	head: ['GPU memory', 'Best trade-off', 'Takes', 'Most capable that fits', 'Takes'],
	rows: adviceBySize(families, knownOf).map(({ sizeBytes, balanced, capable }) => [
		bytes(sizeBytes),
		...choiceCells(balanced),
		...choiceCells(capable)
	])
});

const choiceCells = (choice: Choice | null): [string, string] =>
	choice
		? [
				`${choice.family.name} ${choice.variant.quantization.name}`,
				bytes(choice.estimate?.peakBytes ?? NaN)
			]
		: ['none is sure to fit', '–'];
