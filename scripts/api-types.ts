/** Writes static/headroom.d.ts, the types of `window.headroom` for those who write programs, from the schemas of its calls. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type * as v from 'valibot';
import { CALLS, CHUNKS, errorSchema, EVENTS } from '../src/lib/api/schemas.ts';

export const PUBLISHED = join(import.meta.dirname, '../static/headroom.d.ts');

/** What the schemas here are made of; anything else is an error, so that no type is silently `unknown`. */
type Node = v.GenericSchema & {
	entries?: Record<string, Node>;
	item?: Node;
	wrapped?: Node;
	options?: readonly unknown[];
	literal?: unknown;
	value?: Node;
};

export function typeOf(schema: v.GenericSchema): string {
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
			return (node.options ?? []).map((each) => typeOf(each as Node)).join(' | ');
		case 'nullable':
			return `${typeOf(node.wrapped!)} | null`;
		case 'optional':
			return `${typeOf(node.wrapped!)} | undefined`;
		case 'exact_optional':
			return typeOf(node.wrapped!);
		case 'array':
			return `(${typeOf(node.item!)})[]`;
		case 'record':
			return `Record<string, ${typeOf(node.value!)}>`;
		case 'object':
		case 'strict_object':
			return objectOf(node.entries ?? {});
		default:
			throw new TypeError(`There is no type for a schema of ${node.type}.`);
	}
}

function objectOf(entries: Record<string, Node>): string {
	const fields = Object.entries(entries).map(([name, field]) => {
		const optional = field.type === 'optional' || field.type === 'exact_optional';
		return `${name}${optional ? '?' : ''}: ${typeOf(field)};`;
	});
	return fields.length === 0 ? '{}' : `{ ${fields.join('\n')} }`;
}

const upper = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const STREAMED = Object.keys(CHUNKS);

export async function published(): Promise<string> {
	const parts = [
		'// The types of `window.headroom`, written from the schemas of its calls by scripts/api-types.ts.',
		'// Bytes are bytes, windows are tokens, ratios are 0 to 1, times are milliseconds; null is “not known”.',
		'export interface HeadroomOptions { /** Aborting ends the call, waiting or running. */ signal?: AbortSignal }',
		`/** What every call that fails throws: \`code\` to act on, a sentence in \`message\`. */
		export interface HeadroomError extends Error { readonly code: string; readonly param: string | null; readonly error: ${typeOf(errorSchema.entries.error)}; }`
	];
	const methods: string[] = [];
	for (const [name, { what, needs, input, output }] of Object.entries(CALLS)) {
		const Name = upper(name);
		parts.push(`export type ${Name}Input = ${typeOf(input)};`);
		parts.push(`export type ${Name}Output = ${typeOf(output)};`);
		const note = needs === null ? '' : ' Needs the person’s permission.';
		const free = Object.values((input as Node).entries ?? { must: { type: '' } }).every(
			({ type }) => type === 'optional' || type === 'exact_optional'
		);
		const given = `input${free ? '?' : ''}`;
		methods.push(`/** ${what}${note} */`);
		methods.push(
			STREAMED.includes(name)
				? `readonly ${name}: {
					(input: ${Name}Input & { stream: true }, options?: HeadroomOptions): Promise<AsyncIterableIterator<${Name}Chunk, undefined>>;
					(input: ${Name}Input & { stream?: false | undefined }, options?: HeadroomOptions): Promise<${Name}Output>;
				};`
				: `readonly ${name}: (${given}: ${Name}Input, options?: HeadroomOptions) => Promise<${Name}Output>;`
		);
	}
	for (const [name, chunk] of Object.entries(CHUNKS))
		parts.push(`export type ${upper(name)}Chunk = ${typeOf(chunk)};`);
	const events = Object.entries(EVENTS).map(([name, event]) => `${name}: ${typeOf(event)};`);
	parts.push(`export interface HeadroomEvents { ${events.join('\n')} }`);
	parts.push(`export interface HeadroomApi {
		/** Raised when a program written for the one before would break. */
		readonly version: 1;
		${methods.join('\n')}
		/** Resolves with the way to stop listening. */
		readonly on: <N extends keyof HeadroomEvents>(name: N, listener: (detail: HeadroomEvents[N]) => void) => Promise<() => void>;
	}`);
	parts.push(`declare global { interface Window {
		/** There once the page has started. */
		readonly headroom?: HeadroomApi } }`);
	const config = await resolveConfig(PUBLISHED);
	return format(parts.join('\n\n'), { ...config, parser: 'typescript' });
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PUBLISHED, await published());
