import { expect, test } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import { ofRepo } from './look.ts';

const said = (failure: Failure) => (ofRepo(failure, 'owner/name', 'main') as Failure).message;

test.each([
	['gated', { status: 401 }, 'The hub does not show owner/name to everybody (401)'],
	['network', { cause: 'missing' }, 'The hub has no owner/name. Compare the name'],
	[
		'network',
		{ cause: 'unreachable' },
		'The hub could not be asked about owner/name: no connection'
	]
] as const)('a question that failed (%s, %o) names the repository', (kind, detail, words) => {
	expect(said(new Failure(kind, 'main could not be fetched.', detail))).toContain(words);
});

test('what is nobody’s failure stays as it is', () => {
	const thrown = new TypeError('x');
	expect(ofRepo(thrown, 'owner/name', 'main')).toBe(thrown);
});
