import fc from 'fast-check';
import { expect, test } from 'vitest';
import { schemaProblem } from './json-schema.ts';

test('a schema of an object with properties is good', () => {
	const schema = {
		type: 'object',
		properties: { name: { type: 'string' }, sizes: { type: 'array', items: { type: 'number' } } },
		required: ['name']
	};
	expect(schemaProblem(JSON.stringify(schema))).toBeNull();
});

test.each([
	['', 'empty'],
	['{"type": ', 'Not JSON'],
	['[]', 'must be an object, not a list'],
	['null', 'the schema must be an object, not null'],
	['3', 'the schema must be an object, not a number'],
	['{"type": "text"}', '"text"'],
	['{"type": ["string", "text"]}', '"text"'],
	['{"type": ["string", null]}', 'the type null'],
	['{"enum": "a"}', 'enum of the schema must be a list with something in it'],
	['{"required": ["a", 1]}', 'required of the schema must be a list of names'],
	['{"$ref": 1}', '$ref of the schema must be a text'],
	['{"properties": []}', 'properties of the schema must be an object'],
	['{"$defs": {"part": 1}}', '“part” must be an object, not a number'],
	['{"definitions": {"part": {"type": "x"}}}', '“part” has the type "x"'],
	['{"oneOf": []}', 'oneOf of the schema must be a list with something in it'],
	['{"allOf": {}}', 'allOf of the schema must be a list with something in it'],
	['{"properties": {"a": {"type": 5}}}', '“a”'],
	['{"required": "a"}', 'required'],
	['{"enum": []}', 'enum'],
	['{"anyOf": [{"type": "x"}]}', 'anyOf'],
	['{"items": {"items": 3}}', 'items of items']
])('what is wrong with %s is said', (text, said) => {
	expect(schemaProblem(text)).toContain(said);
});

test('each keyword may be there in its simplest form', () => {
	for (const schema of [
		true,
		false,
		{},
		{ type: ['string', 'null'] },
		{ enum: [null] },
		{ required: [] },
		{ required: ['a'] },
		{ $ref: '#/$defs/a' },
		{ properties: { a: true } },
		{ $defs: { a: {} }, definitions: { b: {} } },
		// The engine ignores what is no object there.
		{ $defs: 1 },
		{ anyOf: [{}], oneOf: [true], allOf: [{ type: 'object' }] },
		{ items: { type: 'integer' } },
		{ 'x-unknown': [] }
	])
		expect(schemaProblem(JSON.stringify(schema))).toBeNull();
});

test('schemas are nested forty deep at most, whatever they are nested by', () => {
	const wraps: ((inner: object) => object)[] = [
		(inner) => ({ items: inner }),
		(inner) => ({ properties: { a: inner } }),
		(inner) => ({ $defs: { a: inner } }),
		(inner) => ({ definitions: { a: inner } }),
		(inner) => ({ anyOf: [inner] }),
		(inner) => ({ allOf: [{}, inner] })
	];
	for (const wrap of wraps) {
		const nested = (times: number) => {
			let schema: object = {};
			for (let i = 0; i < times; i++) schema = wrap(schema);
			return schemaProblem(JSON.stringify(schema));
		};
		expect(nested(40)).toBeNull();
		expect(nested(41)).toContain('is nested too deeply');
	}
});

test('whatever is typed, the answer is words or nothing', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
			const problem = schemaProblem(text);
			expect(problem === null || problem.length > 0).toBe(true);
		})
	);
});
