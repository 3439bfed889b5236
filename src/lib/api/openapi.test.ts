import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { CALL_NAMES } from './call-names.ts';
import { curl, EXAMPLES, inPage } from './examples.ts';
import { openapi } from './openapi.ts';
import { fieldName, inputOf, queryName, ROUTES } from './routes.ts';
import { CALLS } from './schemas.ts';

interface Operation {
	operationId: string;
	parameters?: { name: string; in: string; required: boolean; schema: object }[];
	requestBody?: { content: Record<string, { schema: { properties?: object } }> };
	security?: object[];
}
interface Document {
	openapi: string;
	paths: Record<string, Record<string, Operation>>;
	components: { schemas: Record<string, object> };
}
const document = JSON.parse(JSON.stringify(openapi('http://localhost:4173'))) as Document;

describe('the description in OpenAPI', () => {
	test('has every call by its schemas, each operation under an id of its own', () => {
		expect(document.openapi).toBe('3.1.0');
		const operations = Object.values(document.paths).flatMap((each) => Object.values(each));
		const ids = operations.map(({ operationId }) => operationId);
		expect(new Set(ids).size).toBe(ids.length);
		expect(ids).toEqual(expect.arrayContaining(CALL_NAMES));
		for (const { method, path, call } of ROUTES) {
			const operation = document.paths[path]?.[method.toLowerCase()];
			const fields = Object.keys((CALLS[call].input as { entries?: object }).entries ?? {});
			const described =
				method === 'GET'
					? operation?.parameters?.map(({ name }) => fieldName(name))
					: Object.keys(
							operation?.requestBody?.content['application/json']?.schema.properties ?? {}
						);
			expect([path, described]).toEqual([path, fields]);
		}
	});

	test('points only at what it has, and needs a token for all but health', () => {
		for (const [, name = ''] of JSON.stringify(document).matchAll(
			/"#\/components\/schemas\/(\w+)"/g
		))
			expect(document.components.schemas).toHaveProperty(name);
		const free = Object.entries(document.paths).filter(([, { get }]) => get?.security);
		expect(free.map(([path]) => path)).toEqual(['/health', '/api/health']);
	});

	test('every call has a path, and none has two meanings', () => {
		expect(new Set(ROUTES.map(({ call }) => call))).toEqual(new Set(CALL_NAMES));
		const places = ROUTES.map(({ method, path }) => `${method} ${path}`);
		expect(new Set(places).size).toBe(places.length);
		// A query has no lists and no objects.
		for (const { method, call } of ROUTES)
			if (method === 'GET')
				expect(v.safeParse(CALLS[call].input, inputOf(new URLSearchParams())).success).toBe(
					call !== 'prediction' && call !== 'exists'
				);
	});
});

describe('an example', () => {
	test.each(CALL_NAMES)('of %s is an input of the call, in a script and in a shell', (name) => {
		const input = EXAMPLES[name];
		expect(v.safeParse(CALLS[name].input, input).success).toBe(true);
		expect(inPage(name, input)).toContain(`window.headroom.${name}(`);
		const line = curl(name, input, 'http://localhost:4173');
		const [, url = ''] = /'?(http:[^' ]+)'?$/.exec(line) ?? [];
		const { pathname, searchParams } = new URL(url);
		const route = ROUTES.find(({ path, call }) => path === pathname && call === name);
		const body = / -d '(.*)' http/.exec(line)?.[1];
		const given: unknown =
			route?.method === 'POST' ? JSON.parse(body ?? '') : inputOf(searchParams);
		expect(given).toEqual(input);
	});

	test('with an apostrophe stays one word of the shell', () => {
		expect(curl('generate', { prompt: "it's" }, 'http://x')).toContain(`{"prompt":"it'\\''s"}`);
	});
});

test.each(['inputTokens', 'model', 'contextWindow'])('%s survives its name in a query', (field) => {
	expect(fieldName(queryName(field))).toBe(field);
});
