/** Writes static/headroom.d.ts, the types of `window.headroom` for those who write programs, from the schemas of its calls. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { CALLS, CHUNKS, errorSchema, EVENTS } from '../src/lib/api/schemas.ts';
import { mayBeEmpty, typeOf } from '../src/lib/api/type-of.ts';

export const PUBLISHED = join(import.meta.dirname, '../static/headroom.d.ts');

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
		const given = `input${mayBeEmpty(input) ? '?' : ''}`;
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
