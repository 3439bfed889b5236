import type * as v from 'valibot';

/** What the schemas here are made of; anything else is an error, so that no type is silently `unknown`. */
type Node = v.GenericSchema & {
	entries?: Record<string, Node>;
	item?: Node;
	wrapped?: Node;
	options?: readonly unknown[];
	literal?: unknown;
	value?: Node;
};

/** A schema as a type of TypeScript. `indent`: of the line it begins on. */
export function typeOf(schema: v.GenericSchema, indent = ''): string {
	const node = schema as Node;
	switch (node.type) {
		case 'string':
		case 'number':
		case 'boolean':
		case 'unknown':
			return node.type;
		case 'literal':
			return JSON.stringify(node.literal);
		case 'picklist':
			return (node.options ?? []).map((each) => JSON.stringify(each)).join(' | ');
		case 'union':
		case 'variant':
			return (node.options ?? []).map((each) => typeOf(each as Node, indent)).join(' | ');
		case 'nullable':
			return `${typeOf(node.wrapped!, indent)} | null`;
		case 'optional':
			return `${typeOf(node.wrapped!, indent)} | undefined`;
		case 'exact_optional':
			return typeOf(node.wrapped!, indent);
		case 'array':
			return `(${typeOf(node.item!, indent)})[]`;
		case 'record':
			return `Record<string, ${typeOf(node.value!, indent)}>`;
		case 'object':
		case 'strict_object':
			return objectOf(node.entries ?? {}, indent);
		default:
			throw new TypeError(`There is no type for a schema of ${node.type}.`);
	}
}

function objectOf(entries: Record<string, Node>, indent: string): string {
	const deeper = `${indent}\t`;
	const fields = Object.entries(entries).map(
		([name, field]) =>
			`${deeper}${name}${mayBeLeftOut(field) ? '?' : ''}: ${typeOf(field, deeper)};`
	);
	return fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n${indent}}`;
}

const mayBeLeftOut = ({ type }: Node): boolean => type === 'optional' || type === 'exact_optional';

/** Whether an object without a field is an input. */
export const mayBeEmpty = (schema: v.GenericSchema): boolean =>
	Object.values((schema as Node).entries ?? { any: schema }).every(mayBeLeftOut);
