import * as v from 'valibot';
import { MAX_OWN_MODELS, ownId, ownModelSchema, type OwnModel } from '#plan/own/own-model.ts';
import { isRecord } from '../kit/restore.ts';

/** What a person added, as it is kept. */
export interface KeptModels {
	list: OwnModel[];
	/** Addresses that an imported file named; a person looks at them, or not. */
	proposed: string[];
	/** A read token for the hub that the person wants kept; null: none. In no export. */
	token: string | null;
}

export const MAX_TOKEN_CHARS = 300;
const Token = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/), v.maxLength(MAX_TOKEN_CHARS));
const Proposed = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(500));

const items = <T>(schema: v.GenericSchema<unknown, T>, raw: unknown): T[] =>
	(Array.isArray(raw) ? raw : []).flatMap((each) => {
		const read = v.safeParse(schema, each);
		return read.success ? [read.output] : [];
	});

/** From storage: what is not usable is left out. */
export function parseOwnModels(raw: unknown): KeptModels {
	const { list, proposed, token } = isRecord(raw) ? raw : {};
	const models = new Map(items(ownModelSchema, list).map((model) => [ownId(model.source), model]));
	const kept = v.safeParse(Token, token);
	return {
		list: [...models.values()].slice(0, MAX_OWN_MODELS),
		proposed: [...new Set(items(Proposed, proposed))].slice(0, MAX_OWN_MODELS),
		token: kept.success ? kept.output : null
	};
}
