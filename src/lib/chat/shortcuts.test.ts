import { describe, expect, test } from 'vitest';
import { actionOf, shortcuts } from './shortcuts.ts';

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
	({
		key,
		code: `Key${key.toUpperCase()}`,
		ctrlKey: false,
		metaKey: false,
		altKey: false,
		shiftKey: false,
		defaultPrevented: false,
		isComposing: false,
		keyCode: 0,
		...more
	}) as KeyboardEvent;
const ctrl = { ctrlKey: true };

test.each([
	['?', { shiftKey: true }, 'shortcuts'],
	['/', {}, 'write'],
	['O', { ...ctrl, shiftKey: true }, 'new'],
	['o', { metaKey: true, shiftKey: true }, 'new'],
	['k', ctrl, 'search'],
	['K', { metaKey: true }, 'search'],
	[',', ctrl, 'settings'],
	['ß', { altKey: true, code: 'KeyS' }, 'conversation'],
	['®', { altKey: true, code: 'KeyR' }, 'regenerate'],
	['@', { altKey: true, code: 'KeyQ' }, 'edit'],
	['©', { altKey: true, code: 'KeyC' }, 'copy']
] as const)('%s with %o: %s', (key, more, action) => {
	expect(actionOf(press(key, more), false)).toBe(action);
});

test.each([
	['?', ctrl],
	['/', { altKey: true }],
	['o', ctrl],
	['k', { ...ctrl, shiftKey: true }],
	['k', {}],
	[',', { ...ctrl, altKey: true }],
	['s', { altKey: true, ...ctrl }],
	['s', {}]
])('%s with %o asks for nothing', (key, more) => {
	expect(actionOf(press(key, more), false)).toBeNull();
});

describe('while one writes', () => {
	test('keys that are characters are those', () => {
		const asked = ['?', '/'].map((key) => actionOf(press(key), true));
		expect([...asked, actionOf(press('k', ctrl), true)]).toEqual([null, null, 'search']);
		expect(shortcuts.filter(({ always }) => !always)).toHaveLength(2);
	});

	test('what an input method composes, and what was taken already, is left alone', () => {
		expect(actionOf(press('k', { ...ctrl, isComposing: true }), true)).toBeNull();
		expect(actionOf(press('k', { ...ctrl, defaultPrevented: true }), false)).toBeNull();
	});
});
