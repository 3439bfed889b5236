import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import {
	EVENTS_PATH,
	HEALTH_PATHS,
	MODEL_PATH,
	OPENAPI_PATH,
	queryName,
	ROUTES,
	type Route
} from './routes.ts';
import { API_VERSION, CALLS, CHUNKS, errorSchema, EVENTS } from './schemas.ts';

type JsonSchema = ReturnType<typeof toJsonSchema>;

/** What JSON Schema cannot say (a name is trimmed, a finite number) is left to the page, which checks again. */
const schemaOf = (schema: v.GenericSchema, typeMode: 'input' | 'output'): JsonSchema => {
	const made = toJsonSchema(schema, {
		typeMode,
		errorMode: 'ignore',
		target: 'draft-2020-12'
	});
	delete made.$schema;
	return made;
};

const json = (description: string, schema: object) => ({
	description,
	content: { 'application/json': { schema } }
});
const errors = {
	'4XX': json('What was asked cannot be done; `error.code` says why.', {
		$ref: '#/components/schemas/Error'
	}),
	'5XX': json('It could not be done: no page is open, it is starting, or the engine failed.', {
		$ref: '#/components/schemas/Error'
	})
};
const stream = (description: string, schema: object) => ({
	'text/event-stream': { schema: { description, ...schema } }
});

/** The description of the local server's interface: OpenAPI 3.1, from the schemas of the calls. */
export function openapi(serverUrl: string): object {
	const paths: Record<string, Record<string, object>> = {};
	const seen = new Set<string>();
	for (const route of ROUTES) {
		// Ids of operations are unique: further paths of a call are named by their path.
		const id = seen.has(route.call) ? route.path.replace(/\W+/g, '_').slice(1) : route.call;
		seen.add(route.call);
		const methods = (paths[route.path] ??= {});
		methods[route.method.toLowerCase()] = { operationId: id, ...operationOf(route) };
	}
	paths[MODEL_PATH] = {
		get: {
			operationId: 'model',
			summary: 'One of the models that are listed, by its name.',
			parameters: [{ name: 'model', in: 'path', required: true, schema: { type: 'string' } }],
			responses: {
				200: json('The model.', schemaOf(CALLS.models.output.entries.data.item, 'output')),
				...errors
			}
		}
	};
	for (const path of HEALTH_PATHS)
		paths[path] = {
			get: {
				operationId: path.replace(/\W+/g, '_').slice(1),
				summary: 'Whether the server runs, and whether a page is open that answers.',
				security: [],
				responses: {
					200: json('It runs.', {
						type: 'object',
						properties: { status: { const: 'ok' }, page: { enum: ['open', 'none'] } },
						required: ['status', 'page']
					})
				}
			}
		};
	paths[EVENTS_PATH] = {
		get: {
			operationId: 'events',
			summary: 'What happens in the page, as server-sent events.',
			responses: {
				200: {
					description: Object.keys(EVENTS).join(', '),
					content: stream('The data of an event, by its name.', {
						anyOf: Object.values(EVENTS).map((each) => schemaOf(each, 'output'))
					})
				},
				...errors
			}
		}
	};
	return {
		openapi: '3.1.0',
		info: {
			title: 'Headroom',
			version: String(API_VERSION),
			description:
				'A page with a language model on the GPU of this computer, for programs of this computer.'
		},
		servers: [{ url: serverUrl }],
		security: [{ token: [] }],
		paths: {
			...paths,
			[OPENAPI_PATH]: {
				get: {
					operationId: 'openapi',
					summary: 'This description.',
					responses: { 200: json('OpenAPI 3.1.', { type: 'object' }), ...errors }
				}
			}
		},
		components: {
			securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
			schemas: { Error: schemaOf(errorSchema, 'output') }
		}
	};
}

function operationOf({ method, call }: Route) {
	const { what, needs, input, output } = CALLS[call];
	const given = schemaOf(input, 'input');
	const chunk = call === 'chat' || call === 'generate' ? CHUNKS[call] : null;
	const answer = json('The answer.', schemaOf(output, 'output'));
	return {
		summary: what,
		...(needs === 'permission' && {
			description: 'Needs the person’s permission, given in the page’s settings.'
		}),
		...(method === 'GET'
			? { parameters: parametersOf(given) }
			: {
					requestBody: {
						required: true,
						content: { 'application/json': { schema: given } }
					}
				}),
		responses: {
			200: chunk
				? {
						...answer,
						content: {
							...answer.content,
							...stream(
								'With `stream: true`: a piece of the answer in each event, then `[DONE]`.',
								schemaOf(chunk, 'output')
							)
						}
					}
				: answer,
			...errors
		}
	};
}

const parametersOf = ({ properties = {}, required = [] }: JsonSchema) =>
	Object.entries(properties).map(([field, schema]) => ({
		name: queryName(field),
		in: 'query',
		required: required.includes(field),
		schema
	}));
