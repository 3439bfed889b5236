import { expect, test } from 'vitest';
import { parsePermissions, permissionsOf, type Permissions } from './permissions.ts';
import type { Persisted } from '../kit/persisted.svelte.ts';

test.each([undefined, null, 1, 'page', [], {}, { page: 'yes' }, { page: 1 }, { other: true }])(
	'%j gives no permission',
	(raw) => {
		expect(parsePermissions(raw)).toEqual({ page: false, server: false });
	}
);

test('what was given is read as given', () => {
	expect(parsePermissions({ page: true, more: true })).toEqual({ page: true, server: false });
});

test('all that ask in one page are given the same value, those of another page another', () => {
	const page = () => {
		const keys: string[] = [];
		return {
			keys,
			keep: (key: string) => {
				keys.push(key);
				return {} as Persisted<Permissions>;
			}
		};
	};
	const [app, other] = [page(), page()];
	const value = permissionsOf(app);
	expect(permissionsOf(app)).toBe(value);
	expect(permissionsOf(other)).not.toBe(value);
	expect([app.keys, other.keys]).toEqual([['permissions'], ['permissions']]);
});
