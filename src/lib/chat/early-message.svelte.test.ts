import { beforeAll, beforeEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import boot from '../../../static/boot.js?raw';
import { noteEarlyMessage, takeEarlyMessage } from './early-message.ts';
import { composerId } from './focus.ts';

let field: HTMLTextAreaElement;
beforeAll(() => {
	const script = document.createElement('script');
	script.textContent = boot;
	document.head.append(script);
});
beforeEach(() => {
	field = document.createElement('textarea');
	field.id = composerId;
	field.dataset.early = '';
	document.body.replaceChildren(field);
	field.focus();
});
const taken = () => {
	noteEarlyMessage();
	return takeEarlyMessage();
};

test('text, caret and the wish to send are taken over, once', async () => {
	await userEvent.keyboard('Why?{ArrowLeft}');
	expect(taken()).toEqual({ text: 'Why?', sending: null, selection: [3, 3] });
	expect(takeEarlyMessage()).toBeNull();
	await userEvent.keyboard('{Enter}');
	expect(taken()).toEqual({ text: 'Why?', sending: 'enter', selection: [3, 3] });
	await userEvent.keyboard('{Control>}{Enter}{/Control}');
	expect(taken()).toMatchObject({ text: 'Why?', sending: 'surely' });
	field.blur();
	expect(taken()?.selection).toBeNull();
});

test('who types on after Enter has not sent', async () => {
	await userEvent.keyboard('Why{Enter}?');
	expect(taken()).toMatchObject({ text: 'Why?', sending: null });
});

test('Shift+Enter and Alt+Enter send nothing, and neither does Enter in an empty field', async () => {
	await userEvent.keyboard('{Enter}');
	expect(taken()?.sending).toBeNull();
	await userEvent.keyboard('a{Shift>}{Enter}{/Shift}{Alt>}{Enter}{/Alt}');
	expect(taken()?.sending).toBeNull();
});

test('Enter that ends a conversion sends nothing', () => {
	field.value = '新しい';
	for (const composing of [{ isComposing: true }, { keyCode: 229 }])
		field.dispatchEvent(
			new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, ...composing })
		);
	expect(taken()?.sending).toBeNull();
});

test('a composer that the page made itself is left alone', async () => {
	delete field.dataset.early;
	await userEvent.keyboard('Why?{Enter}');
	expect([field.value, taken()]).toEqual(['Why?\n', null]);
});
