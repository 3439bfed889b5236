import { expect, test } from 'vitest';
import { parsePermissions } from './permissions.ts';

test.each([undefined, null, 1, 'page', [], {}, { page: 'yes' }, { page: 1 }, { other: true }])(
	'%j gives no permission',
	(raw) => {
		expect(parsePermissions(raw)).toEqual({ page: false, server: false });
	}
);

test('what was given is read as given', () => {
	expect(parsePermissions({ page: true, more: true })).toEqual({ page: true, server: false });
});
