import { expect, test } from 'vitest';
import { calibrationsOf } from '#plan/memory/calibrate.ts';
import {
	allocate,
	aModel,
	BATCH,
	factsOf,
	variantOf,
	type Model
} from '#plan/memory/hidden-allocation.fixture.ts';
import { NOTHING_KNOWN } from '#plan/memory/judge.ts';
import { observe } from '#plan/memory/observe.ts';
import type { App } from './app.svelte.ts';
import { loadSentence } from './kind-reports.ts';

const SMALL = { vocabulary: 49_152 };

test('a load that took more than planned is told of with its own variant, and with no other', () => {
	const model = aModel('a', SMALL);
	const [loaded, other] = [variantOf(model), variantOf(aModel('b', SMALL))];
	const hidden = {
		moment: 'chat' as const,
		buffers: 6,
		wholePages: true,
		bytesEach: ({ vocabulary }: Model) => BATCH * vocabulary * 4
	};
	const load = observe({
		variant: loaded,
		contextWindow: 4096,
		facts: factsOf(model),
		sampling: 'engine',
		libraryUrl: loaded.libraryUrl,
		adapter: 'an adapter',
		reading: allocate(model, 4096, [hidden]),
		at: 1
	});
	const app = {
		experience: {
			calibrations: calibrationsOf([load!], 'an adapter'),
			knownOf: () => NOTHING_KNOWN
		},
		catalog: { families: [{ variants: [loaded, other] }] }
	} as unknown as App;
	expect(loadSentence(app, loaded)).toMatch(/^Measured \d+ ?% above its plan/);
	expect(loadSentence(app, other)).toBeNull();
});
