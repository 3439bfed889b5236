import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as v from 'valibot';
import type { HeadroomApi } from '../src/lib/api/page-door.ts';
import type { EventDetail, EventName } from '../src/lib/api/schemas.ts';
import type { HeadroomApi as Published, HeadroomEvents } from '../static/headroom.d.ts';
import { typeOf } from '../src/lib/api/type-of.ts';
import { PUBLISHED, published } from './api-types.ts';

type Events = { [N in EventName]: EventDetail<N> };

/** Checked by the compiler: what is published and what the page has can stand for each other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const same: readonly [Same<HeadroomApi, Published>, Same<Events, HeadroomEvents>] = [true, true];

test('the published types are those of the calls; `npx tsx scripts/api-types.ts` writes them', async () => {
	expect(same).toEqual([true, true]);
	expect(readFileSync(PUBLISHED, 'utf8')).toBe(await published());
});

test('a schema that has no type here is not left out', () => {
	expect(() => typeOf(v.date())).toThrow('date');
});
