import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { Announcer } from './announcer.svelte.ts';

test('what is said from an effect is said once', () => {
	const announcer = new Announcer();
	let runs = 0;
	const end = $effect.root(() => {
		$effect(() => {
			runs++;
			announcer.say('Loading the model.');
		});
	});
	flushSync();
	expect(runs).toBe(1);
	end();
});

test('the same words twice are two announcements', () => {
	const announcer = new Announcer();
	announcer.say('Copied');
	const first = announcer.text;
	announcer.say('Copied');
	expect(announcer.text).not.toBe(first);
	expect(announcer.text.trim()).toBe('Copied');
});
