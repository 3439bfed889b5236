import { expect, test } from 'vitest';
import type { Locator } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import NoAnswer from '../chat/NoAnswer.svelte';
import { Failure, type FailureDetail, type FailureKind } from '../rpc/failure.ts';
import { helpAnchor, SYMPTOMS } from '../ui/help-anchors.ts';
import { remedyFor } from '../ui/remedies.ts';
import { anApp } from './an-app.fixture.ts';
import InApp from './InApp.fixture.svelte';
import LoadStatus from './LoadStatus.svelte';

/** Every kind of failure, with the details that change its words. */
const failures: Record<FailureKind, readonly FailureDetail[]> = {
	'no-webgpu': [{}],
	'no-adapter': [{}, { after: 'loss' }],
	unsupported: [{}, { part: 'library' }],
	blocked: [{}, { reason: 'needs-another-engine' }],
	'bad-file': [
		{ file: 'params_shard_0.bin', expected: '64 bytes', found: '63' },
		{ reason: 'changed', file: 'pocket.wasm' }
	],
	network: [{}, { cause: 'refused' }, { cause: 'missing' }, { status: 404 }],
	gated: [{}, { page: 'https://huggingface.co/mlc-ai/x' }],
	script: [{}],
	page: [{}],
	'in-use': [{}],
	quota: [{}],
	cancelled: [{}],
	'out-of-memory': [{}],
	'out-of-host-memory': [{}],
	'device-lost': [{}],
	'gpu-error': [{}],
	'context-full': [{}],
	'bad-schema': [{}],
	'bad-logits': [{}],
	'lean-unavailable': [{}],
	'nothing-loaded': [{}],
	'queue-full': [{}],
	'worker-died': [{}, { exit: 1 }],
	silent: [{}],
	'tab-died': [{}],
	elsewhere: [{}],
	'taken-over': [{}],
	server: [{}, { remedy: 'Start it.' }],
	engine: [{}]
};
const cases = Object.entries(failures).flatMap(([kind, details]) =>
	details.map((detail) => ({
		failure: new Failure(kind as FailureKind, `The sentence of ${kind}.`, detail),
		kind,
		told: JSON.stringify(detail)
	}))
);

/** It leads to the section of its symptom. */
async function expectHelp(alert: Locator, { kind }: Failure) {
	const link = alert.getByRole('link', { name: 'Help with this' });
	await expect
		.element(link)
		.toHaveAttribute('href', expect.stringMatching(`/help#${helpAnchor(kind)}$`));
}

test('every kind of failure has a section in the help, and every section a kind, but for slowness', () => {
	const anchors = new Set((Object.keys(failures) as FailureKind[]).map(helpAnchor));
	expect([...anchors, 'slow'].sort()).toEqual([...SYMPTOMS].sort());
});

test.each(cases)(
	'a load that ends with $kind $told says what happened and what to do',
	async ({ failure }) => {
		const app = await anApp();
		const variant = app.selection.variant;
		app.loader.problem = {
			target: { variant, contextWindow: 1024 },
			failure,
			kept: null,
			instead: false,
			next: null
		};
		const screen = await render(InApp, { app, View: LoadStatus, given: {} });
		const alert = screen.getByRole('alert');
		// Who cancels knows it.
		if (failure.kind === 'cancelled') {
			await expect.element(alert).not.toBeInTheDocument();
			return;
		}
		await expect.element(alert).toHaveTextContent(failure.message);
		await expect.element(alert).toHaveTextContent(remedyFor(failure));
		await expectHelp(alert, failure);
		const { file, expected } = failure.detail;
		if (file !== undefined) await expect.element(alert).toHaveTextContent(String(file));
		if (expected !== undefined)
			await expect.element(alert).toHaveTextContent(`expected ${expected}`);
		expect(alert.element().textContent).not.toMatch(/undefined|null|NaN|\[object/);
	}
);

test.each(cases)(
	'an answer that ends with $kind $told says what happened and what to do',
	async ({ failure }) => {
		let retried = 0;
		const screen = await render(NoAnswer, { failure, onretry: () => retried++ });
		const alert = screen.getByRole('alert');
		await expect.element(alert).toHaveTextContent(failure.message);
		await expect.element(alert).toHaveTextContent(remedyFor(failure));
		await expectHelp(alert, failure);
		expect(alert.element().textContent).not.toMatch(/undefined|null|NaN|\[object/);
		await screen.getByRole('button', { name: 'Try again' }).click();
		expect(retried).toBe(1);
	}
);

test('no two kinds of failure give the same advice in the same words, but for those that mean the same', () => {
	const advice = Map.groupBy(cases, ({ failure }) => remedyFor(failure));
	const shared = [...advice.values()]
		.filter((group) => group.length > 1)
		.map((group) => group.map(({ kind }) => kind));
	expect(shared).toEqual([
		['unsupported', 'blocked'],
		['network', 'network'],
		['worker-died', 'silent']
	]);
});
