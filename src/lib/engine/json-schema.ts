import { isRecord } from '../kit/restore.ts';

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
const MAX_DEPTH = 40;

/**
 * Why a text is no JSON Schema that an answer can be held to, in words and with its place; null: it is one. Checks
 * the keywords that the engine's grammar knows, and leaves unknown ones alone.
 */
export function schemaProblem(text: string): string | null {
	if (text.trim() === '') return 'The schema is empty.';
	let schema: unknown;
	try {
		schema = JSON.parse(text);
	} catch (thrown) {
		return `Not JSON: ${thrown instanceof Error ? thrown.message : 'it cannot be read'}`;
	}
	return problemAt(schema, 'the schema', 0);
}

function problemAt(schema: unknown, where: string, depth: number): string | null {
	if (typeof schema === 'boolean') return null;
	if (depth > MAX_DEPTH) return `${where} is nested too deeply.`;
	if (!isRecord(schema)) return `${where} must be an object, not ${nameOf(schema)}.`;
	const { type, properties, required, items, enum: choices, $ref } = schema;
	const named = Array.isArray(type) ? (type as unknown[]) : type === undefined ? [] : [type];
	const unknown = named.find((each) => typeof each !== 'string' || !TYPES.includes(each));
	if (unknown !== undefined)
		return `${where} has the type ${JSON.stringify(unknown)}; known are ${TYPES.join(', ')}.`;
	if (choices !== undefined && (!Array.isArray(choices) || choices.length === 0))
		return `enum of ${where} must be a list with something in it.`;
	if (
		required !== undefined &&
		!(Array.isArray(required) && required.every((each) => typeof each === 'string'))
	)
		return `required of ${where} must be a list of names.`;
	if ($ref !== undefined && typeof $ref !== 'string') return `$ref of ${where} must be a text.`;
	if (properties !== undefined && !isRecord(properties))
		return `properties of ${where} must be an object.`;
	for (const [name, inner] of Object.entries(properties ?? {})) {
		const problem = problemAt(inner, `“${name}”`, depth + 1);
		if (problem) return problem;
	}
	for (const group of ['$defs', 'definitions'] as const) {
		if (!isRecord(schema[group])) continue;
		for (const [name, inner] of Object.entries(schema[group])) {
			const problem = problemAt(inner, `“${name}”`, depth + 1);
			if (problem) return problem;
		}
	}
	for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
		const list = schema[keyword];
		if (list === undefined) continue;
		if (!Array.isArray(list) || list.length === 0)
			return `${keyword} of ${where} must be a list with something in it.`;
		for (const inner of list as unknown[]) {
			const problem = problemAt(inner, `${keyword} of ${where}`, depth + 1);
			if (problem) return problem;
		}
	}
	if (items !== undefined) return problemAt(items, `items of ${where}`, depth + 1);
	return null;
}

const nameOf = (value: unknown) =>
	value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
