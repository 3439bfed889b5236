import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSettings } from './settings.svelte.ts';
import { workerPolicy } from '../network/policy.ts';
import { hostOf } from './host.ts';

/** As long as a name of the domain name system may be. */
const LONGEST = `${'a'.repeat(50)}.${`${'b'.repeat(49)}.`.repeat(4)}cc`;

test.each([
	['https://models.example.org', 'models.example.org'],
	['models.example.org', 'models.example.org'],
	['  HTTPS://Models.Example.org:8443/  ', 'models.example.org:8443'],
	['https://münchen.example', 'xn--mnchen-3ya.example'],
	['http://localhost:8080', 'localhost:8080'],
	[LONGEST, LONGEST],
	['http://127.0.0.1:8080/', '127.0.0.1:8080']
])('%s is the host %s', (typed, host) => {
	expect(hostOf(typed)).toEqual({ host });
	// What the field takes, the settings keep and the policy lets through.
	expect(parseSettings({ extraHosts: [host] }).extraHosts).toEqual([host]);
	expect(workerPolicy([host])).toContain(host);
});

test.each([
	['', 'Enter a host'],
	['http://models.example.org', 'Only https'],
	['ftp://models.example.org', 'Only https'],
	['javascript://models.example.org', 'Only https'],
	['https://models.example.org/some/model', 'Only the host counts: models.example.org'],
	['https://models.example.org?x', 'Only the host counts'],
	['https://me:secret@models.example.org', 'name and password'],
	['https://me@models.example.org', 'name and password'],
	['https://:secret@models.example.org', 'name and password'],
	['https://models.example.org#x', 'Only the host counts'],
	['http://127.0.0.1.example.org', 'Only https'],
	[`https://${LONGEST}c`, 'full host name'],
	['https://*.example.org', 'full host name'],
	['*', 'full host name'],
	['https://', 'not a web address'],
	["x; script-src 'unsafe-eval'", 'not a web address']
])('%s is refused', (typed, said) => {
	expect(hostOf(typed)).toEqual({ problem: expect.stringContaining(said) as string });
});

test('whatever is typed, what is taken is what the settings keep', () => {
	const piece = fc.constantFrom(
		'https://',
		'a',
		'.',
		'-',
		':',
		'8',
		'/',
		'*',
		' ',
		';',
		"'",
		'@',
		'é'
	);
	fc.assert(
		fc.property(fc.string({ unit: piece, maxLength: 12 }), (typed) => {
			const found = hostOf(typed);
			fc.pre('host' in found);
			expect(workerPolicy([found.host])).toContain(`connect-src 'self' https://${found.host};`);
		})
	);
});
