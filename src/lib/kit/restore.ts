import * as v from 'valibot';

type AnyObject = v.ObjectSchema<v.ObjectEntries, undefined>;

/**
 * The object that is left of `raw` when the fields that do not parse are taken out. The schema's fields must be able
 * to be absent, or have fallbacks. `onDrop` hears the name of each field that was given up.
 */
export function restoreFields<const TSchema extends AnyObject>(
	schema: TSchema,
	raw: unknown,
	onDrop: (field: string) => void = () => undefined
): v.InferOutput<TSchema> {
	const rest: Record<string, unknown> = isRecord(raw) ? { ...raw } : {};
	const first = v.safeParse(schema, rest);
	if (first.success) return first.output;
	for (const issue of first.issues) {
		const field = issue.path?.[0]?.key;
		if (typeof field !== 'string' || !(field in rest)) continue;
		Reflect.deleteProperty(rest, field);
		onDrop(field);
	}
	return v.parse(schema, rest);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
