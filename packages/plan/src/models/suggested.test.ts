import { expect, test } from 'vitest';
import { families } from './catalog-data.ts';
import { suggestedVariant } from './suggested.ts';

const id = 'Llama-3.2-1B-Instruct-q4f16_1-MLC';

test.each([id, `https://huggingface.co/mlc-ai/${id}`, `https://huggingface.co/mlc-ai/${id}/`])(
	'%s names a variant',
	(name) => {
		expect(suggestedVariant(name, families)?.id).toBe(id);
	}
);

test.each([
	'',
	'/',
	'Llama-3.2-1B-Instruct',
	`${id} `,
	`https://evil.test/${id}`,
	'__proto__',
	'<img src=x>',
	'javascript:alert(1)'
])('%j names none', (name) => {
	expect(suggestedVariant(name, families)).toBeNull();
});
