import type { Check } from './self-test.svelte.ts';

/** The result as a text to be sent to somebody. `about`: the page and the browser. */
export const selfTestText = (
	checks: readonly Check[],
	at: number,
	about: readonly string[]
): string =>
	[
		`Headroom self-test, ${new Date(at).toISOString()}`,
		...about,
		'',
		...checks.map(({ name, state, found }) => `${state.toUpperCase().padEnd(8)} ${name}: ${found}`)
	].join('\n');
