import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ORDER, outOfOrder } from './folder-order.mjs';

test('a folder imports from itself and from those before it', () => {
	expect(outOfOrder('src/lib/chat/answer.ts', './session.svelte.ts')).toBeNull();
	expect(outOfOrder('src/lib/chat/store/listing.ts', '../conversation.ts')).toBeNull();
	expect(outOfOrder('src/lib/chat/answer.ts', '../engine/engine.ts')).toBeNull();
	expect(outOfOrder('src/lib/chat/answer.ts', '#plan/memory/plan.ts')).toBeNull();
	expect(outOfOrder('src/lib/chat/answer.ts', 'valibot')).toBeNull();
	expect(outOfOrder('src/routes/+page.svelte', '$lib/panel/ModelPanel.svelte')).toBeNull();
});

test('a folder does not import from those after it', () => {
	expect(outOfOrder('src/lib/engine/engine.ts', '../chat/answer.ts')).toMatch(
		/comes before src\/lib\/chat/
	);
	expect(outOfOrder('src/lib/chat/answer.ts', '$lib/settings/settings.svelte.ts')).toMatch(
		/may not/
	);
	expect(outOfOrder('src/lib/chat/store/listing.ts', '../../panel/parts.ts')).toMatch(/may not/);
});

test('a component may take the app from its context; a module may not know it', () => {
	expect(outOfOrder('src/lib/chat/Composer.svelte', '../app/app.svelte.ts')).toBeNull();
	expect(outOfOrder('src/lib/chat/session.svelte.ts', '../app/app.svelte.ts')).toMatch(/may not/);
});

test('the plan knows nothing of the page', () => {
	expect(outOfOrder('packages/plan/src/memory/plan.ts', '../device/budget.ts')).toBeNull();
	expect(
		outOfOrder('packages/plan/src/memory/plan.ts', '../../../../src/lib/ui/picker.ts')
	).toMatch(/may not/);
	expect(outOfOrder('packages/plan/src/memory/plan.ts', '../../../../scripts/setup.mjs')).toMatch(
		/stands alone/
	);
});

test('tests and test data may import anything', () => {
	expect(
		outOfOrder('src/lib/kit/own-store.svelte.test.ts', '../settings/settings.svelte.ts')
	).toBeNull();
	expect(outOfOrder('src/lib/runner/loader.fixture.ts', '../app/app.svelte.ts')).toBeNull();
});

test('every folder of the product has its place in the order', () => {
	const folders = readdirSync('src/lib')
		.map((name) => `src/lib/${name}`)
		.filter((folder) => readdirSync(folder).some((name) => /\.(?:ts|svelte)$/.test(name)));
	expect(folders.length).toBeGreaterThan(10);
	expect(folders.filter((folder) => !ORDER.includes(folder))).toEqual([]);
	expect(ORDER.filter((folder) => !existsSync(folder))).toEqual([]);
});
