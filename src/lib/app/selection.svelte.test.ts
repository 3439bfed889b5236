import { afterEach, expect, test } from 'vitest';
import { appIn } from './app.fixture.ts';

const opened: ReturnType<typeof appIn>[] = [];
afterEach(() => {
	for (const rig of opened.splice(0)) rig.close();
});

test('what a link suggests is said, unless it is chosen already or the link suggests nothing', () => {
	const rig = appIn();
	opened.push(rig);
	const { selection } = rig.app;
	const [chosen, other] = selection.family.variants;
	selection.choose(chosen!.id, 1024);
	selection.suggest(other!.id);
	expect(selection.suggested).toBe(other!.id);
	selection.suggest(null);
	expect(selection.suggested).toBe(other!.id);
	selection.suggest(chosen!.id);
	expect(selection.suggested).toBeNull();
	expect(selection.variant).toBe(chosen);
});
