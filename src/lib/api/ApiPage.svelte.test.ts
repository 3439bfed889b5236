import * as v from 'valibot';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { anApp } from '../panel/an-app.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import ApiPage from './ApiPage.svelte';
import { CALL_NAMES } from './call-names.ts';
import { openPageDoor } from './page-door.ts';
import { CALLS, errorSchema, type CallName } from './schemas.ts';

const FREE = CALL_NAMES.filter((name) => CALLS[name].needs === null);

/** These need a model; chat and generate then answer, and without permission none is loaded for them. */
const NEED_A_MODEL: readonly CallName[] = ['chat', 'generate'];

test('every call is there with its example, which runs against this page; what needs permission is refused without it', async () => {
	const app = await anApp();
	await expect.poll(() => app.adaptation).not.toBeNull();
	openPageDoor(app);
	const page = await render(InApp, { app, View: ApiPage, given: { relay: 'none' } });
	await expect.element(page.getByTestId('relay')).toHaveTextContent('not opened by a local server');
	for (const name of CALL_NAMES) {
		const call = page.getByRole('region', { name, exact: true });
		await call.getByRole('button', { name: `Run ${name}` }).click();
		const answer = call.getByLabelText('Answer');
		await expect.element(answer).toBeVisible();
		const said: unknown = JSON.parse(answer.element().textContent ?? '');
		const answers = FREE.includes(name) && !NEED_A_MODEL.includes(name);
		if (answers) expect([name, v.is(CALLS[name].output, said)]).toEqual([name, true]);
		else {
			expect([name, v.is(errorSchema, said)]).toEqual([name, true]);
			expect(answer.element().textContent).toContain('permission_denied');
		}
	}
	const exists = page.getByRole('region', { name: 'exists', exact: true });
	await exists.getByLabelText('Input').fill('{"model": ');
	await expect.element(exists.getByText('This is not JSON yet.')).toBeVisible();
	await expect.element(exists.getByRole('button', { name: 'Run' })).toBeDisabled();
	await exists.getByLabelText('Input').fill('{"model": "llama9"}');
	await exists.getByRole('button', { name: 'Run' }).click();
	await expect.element(exists.getByLabelText('Answer')).toHaveTextContent('"exists": false');
	await expect.element(exists.getByLabelText('In a shell')).toHaveTextContent('model=llama9');
});

test.each([
	['connected', 'Programs on this computer can ask this page.'],
	['lost', 'has stopped'],
	['refused', 'Open the address that it printed last.']
] as const)('a relay that is %s is told as such', async (relay, words) => {
	const page = await render(InApp, { app: await anApp(), View: ApiPage, given: { relay } });
	await expect.element(page.getByTestId('relay')).toHaveTextContent(words);
});
