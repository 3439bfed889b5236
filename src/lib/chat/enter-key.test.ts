import { describe, expect, test } from 'vitest';
import { composing } from '../ui/composing.ts';
import { ENTER_KEYS, sends } from './enter-key.ts';

const key = (changes: Partial<KeyboardEvent> = {}) =>
	({
		key: 'Enter',
		keyCode: 13,
		isComposing: false,
		shiftKey: false,
		altKey: false,
		ctrlKey: false,
		metaKey: false,
		...changes
	}) as KeyboardEvent;

describe('Enter', () => {
	test('sends on a desktop and starts a new line on touch, unless the setting says otherwise', () => {
		expect(sends(key(), 'auto', false)).toBe(true);
		expect(sends(key(), 'auto', true)).toBe(false);
		expect(sends(key(), 'send', true)).toBe(true);
		expect(sends(key(), 'newline', false)).toBe(false);
	});

	test('sends with Ctrl or Cmd, and starts a new line with Shift, whatever the setting', () => {
		for (const setting of ENTER_KEYS)
			for (const touch of [false, true]) {
				expect(sends(key({ ctrlKey: true }), setting, touch)).toBe(true);
				expect(sends(key({ metaKey: true }), setting, touch)).toBe(true);
				expect(sends(key({ shiftKey: true }), setting, touch)).toBe(false);
			}
	});

	test('that confirms a conversion never sends', () => {
		for (const setting of ENTER_KEYS) {
			expect(sends(key({ isComposing: true }), setting, false)).toBe(false);
			// Safari: the composition has ended already.
			expect(sends(key({ keyCode: 229 }), setting, false)).toBe(false);
			expect(sends(key({ keyCode: 229, ctrlKey: true }), setting, false)).toBe(false);
		}
	});

	test('no other key sends', () => {
		expect(sends(key({ key: 'a', keyCode: 65 }), 'send', false)).toBe(false);
	});
});

test('a key press is part of a conversion by its flag or by its code', () => {
	expect(composing(key())).toBe(false);
	expect(composing(key({ key: 'Escape', isComposing: true }))).toBe(true);
	expect(composing(key({ key: 'Escape', keyCode: 229 }))).toBe(true);
});
