import * as v from 'valibot';
import type { Persisted } from '../kit/persisted.svelte.ts';

/** Ways by which programs reach the page: `window.headroom`, and the local server it was opened by. */
export const DOORS = ['page', 'server'] as const;
export type Door = (typeof DOORS)[number];

/**
 * What programs may do besides reading and asking what is loaded: load, delete, change settings, and send text to the
 * person's own servers with their keys. Kept apart from the settings, so that neither an imported file nor a program can
 * grant it.
 */
export type Permissions = Readonly<Record<Door, boolean>>;

const NONE: Permissions = { page: false, server: false };
const given = v.fallback(v.optional(v.boolean(), false), false);
const schema = v.object({ page: given, server: given });

/** Stored permissions; whatever is not one was not given. */
export function parsePermissions(raw: unknown): Permissions {
	const read = v.safeParse(schema, raw);
	return read.success ? read.output : NONE;
}

interface Keeper {
	readonly keep: (
		key: string,
		parse: (raw: unknown) => Permissions,
		database: string
	) => Persisted<Permissions>;
}

const kept = new WeakMap<Keeper, Persisted<Permissions>>();

/** As kept in this browser: one value for all that ask, so that what is taken back is gone for everybody at once. */
export function permissionsOf(app: Keeper): Persisted<Permissions> {
	const known = kept.get(app) ?? app.keep('permissions', parsePermissions, 'headroom-permissions');
	kept.set(app, known);
	return known;
}
