import { expect, test } from 'vitest';
import { promptPieces, replyHeaderOf, type ChatTemplate } from './template.ts';

const template: ChatTemplate = {
	system_template: '<s>{system_message}</s>',
	system_message: 'Be brief.',
	roles: { user: 'U', assistant: 'A' },
	seps: [';', '|'],
	stop_str: [],
	stop_token_ids: []
};
const hi = { role: 'user', text: 'hi' } as const;

test('a prompt is the system message, a piece for each turn, and the header of the reply', () => {
	const turns = [hi, { role: 'assistant', text: 'yes' }, { role: 'user', text: 'so' }] as const;
	expect(promptPieces(template, '', turns)).toEqual([
		'<s>Be brief.</s>',
		'U: hi;',
		'A: yes|',
		'U: so;',
		'A: '
	]);
	expect(promptPieces(template, 'Be kind.', [hi])[0]).toBe('<s>Be kind.</s>');
});
test('separators of the template take the place of the default, empty ones too', () => {
	const own = { ...template, role_content_sep: '', role_empty_sep: '\n' };
	expect(promptPieces(own, '', [hi]).slice(1)).toEqual(['Uhi;', 'A\n']);
	expect(replyHeaderOf(own)).toBe('A\n');
});
test('an empty system message is left out only where the template says so', () => {
	const silent = { ...template, system_message: '' };
	expect(promptPieces(silent, '', [hi])[0]).toBe('<s></s>');
	const skipping = { ...silent, render_empty_system_message: false };
	expect(promptPieces(skipping, '', [hi])[0]).toBe('U: hi;');
});
test('a first turn without a role follows a system message, and nothing else', () => {
	const bare = { ...template, add_role_after_system_message: false };
	expect(promptPieces(bare, '', [hi, hi])).toEqual(['<s>Be brief.</s>', 'hi;', 'U: hi|', 'A: ']);
	const silent = { ...bare, system_message: '', render_empty_system_message: false };
	expect(promptPieces(silent, '', [hi])[0]).toBe('U: hi;');
});
test('templates of roles surround the text, and have no function to call', () => {
	const around = { ...template, role_templates: { user: '[{user_message}]{function_string}' } };
	const turns = [hi, { role: 'assistant', text: 'yes' }] as const;
	expect(promptPieces(around, '', turns).slice(1, 3)).toEqual(['U: [hi];', 'A: yes|']);
});
test('images part a turn: the text after them is a piece of its own', () => {
	for (const images of [1, 2])
		expect(promptPieces(template, '', [{ ...hi, images }]).slice(1, 3)).toEqual(['U: ', 'hi;']);
	expect(promptPieces(template, '', [{ ...hi, images: 0 }])[1]).toBe('U: hi;');
});
test('a model that is told not to think is given an empty thought', () => {
	const own = { ...template, role_content_sep: '\n' };
	expect(promptPieces(own, '', [hi], { thinks: false }).at(-1)).toBe('A\n<think>\n\n</think>\n\n');
});
