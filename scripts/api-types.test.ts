import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as v from 'valibot';
import type { HeadroomApi } from '../src/lib/api/page-door.ts';
import type { HeadroomApi as Published } from '../static/headroom.d.ts';
import { PUBLISHED, published, typeOf } from './api-types.ts';

/** Checked by the compiler: what is published and what the page has can stand for each other. */
type Same = [HeadroomApi] extends [Published]
	? [Published] extends [HeadroomApi]
		? true
		: never
	: never;
const same: Same = true;

test('the published types are those of the calls; `npx tsx scripts/api-types.ts` writes them', async () => {
	expect(same).toBe(true);
	expect(readFileSync(PUBLISHED, 'utf8')).toBe(await published());
});

test('a schema that has no type here is not left out', () => {
	expect(() => typeOf(v.date())).toThrow('date');
});
