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
	['{"type": "text"}', '"text"'],
	['{"properties": {"a": {"type": 5}}}', '“a”'],
	['{"required": "a"}', 'required'],
	['{"enum": []}', 'enum'],
	['{"anyOf": [{"type": "x"}]}', 'anyOf'],
	['{"items": {"items": 3}}', 'items of items']
])('what is wrong with %s is said', (text, said) => {
	expect(schemaProblem(text)).toContain(said);
});

test('whatever is typed, the answer is words or nothing', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
			const problem = schemaProblem(text);
			expect(problem === null || problem.length > 0).toBe(true);
		})
	);
});
