import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { App } from '../app/app.svelte.ts';
import type { Device, DeviceReading } from '#plan/device/adapter.ts';
import { anApp } from '../panel/an-app.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import FirstVisit from './FirstVisit.svelte';

let app: App;

async function visit(device: Partial<Device> = {}, reading?: DeviceReading) {
	app = await anApp(device, reading);
	const load = vi.spyOn(app.loader, 'load');
	const screen = await render(InApp, { app, View: FirstVisit, given: {} });
	return { screen, load };
}

test('a first visit is told what the page needs, and what of it is here', async () => {
	const { screen } = await visit({ gpuName: 'NVIDIA GeForce RTX 4060' });
	const needs = screen.getByRole('region', { name: 'What this page needs' });
	await expect.element(needs).toBeVisible();
	expect(needs.getByRole('term').elements()).toHaveLength(3);
	await expect.element(needs.getByText('This browser has WebGPU.')).toBeVisible();
	await expect.element(needs).toHaveTextContent(/OK: GPU memory .*7\.50 GiB can be used/);
});

test('the best fit is suggested, one click chooses it, and nothing is loaded by itself', async () => {
	const { screen, load } = await visit({ heapBytes: 8 * 2 ** 30 });
	const best = screen.getByRole('region', { name: 'Best fit' });
	const button = best.getByRole('button', { name: /^Choose / });
	const name = button.element().textContent.replace(/^\s*Choose (.*), .*$/s, '$1');
	expect(app.selection.variant.origin).toBe('pocket');
	expect(load).not.toHaveBeenCalled();
	await button.click();
	expect(`${app.selection.family.name} ${app.selection.variant.quantization.name}`).toBe(name);
	expect(app.selection.plan.verdict.kind).toBe('fits');
	expect(load).not.toHaveBeenCalled();
	await expect.element(best).not.toBeInTheDocument();
	expect(app.announcer.text).toMatch(/is chosen\. Nothing was downloaded\./);
});

test('where nothing fits, the next step is to set the GPU memory', async () => {
	const { screen } = await visit({ heapBytes: 0.6 * 2 ** 30 });
	const best = screen.getByRole('region', { name: 'Best fit' });
	await expect.element(best).toHaveTextContent(/No model of the catalogue is sure to fit/);
	await best.getByRole('button', { name: 'Set GPU memory' }).click();
	await expect.element(screen.getByRole('dialog', { name: 'GPU memory' })).toBeVisible();
});

test('a browser without WebGPU is told what is needed, and is offered no model', async () => {
	const { screen } = await visit(
		{},
		{ kind: 'no-webgpu', platform: 'linux', sentence: 'It has none.', remedy: 'Update it.' }
	);
	const needs = screen.getByRole('region', { name: 'What this page needs' });
	await expect.element(needs).toHaveTextContent(/Missing: Browser .*It has none\./);
	await expect.element(screen.getByRole('region', { name: 'Best fit' })).not.toBeInTheDocument();
});

test('once a model was chosen the page no longer explains what it needs', async () => {
	const { screen } = await visit();
	const needs = screen.getByRole('region', { name: 'What this page needs' });
	await expect.element(needs).toBeVisible();
	app.selection.choose('pocket-q4f32_1');
	await expect.element(needs).not.toBeInTheDocument();
	await expect.element(screen.getByRole('region', { name: 'Best fit' })).toBeVisible();
});
