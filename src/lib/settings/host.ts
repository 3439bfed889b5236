import { MAX_HOST_CHARS } from './settings.svelte.ts';
import { isLoopback, PLAIN_HOST } from '../network/policy.ts';

/**
 * The host of an address as a person types it, with or without its scheme, in the form of `location.host`; or, in
 * words, why models cannot come from there.
 */
export function hostOf(typed: string): { host: string } | { problem: string } {
	const text = typed.trim();
	if (text === '') return { problem: 'Enter a host such as https://models.example.org.' };
	const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
	const url = URL.canParse(address) ? new URL(address) : null;
	if (!url || url.host === '') return { problem: 'This is not a web address.' };
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.host)))
		return { problem: 'Only https: anything else can be altered on the way.' };
	if (url.username !== '' || url.password !== '')
		return { problem: 'Leave out the name and password.' };
	if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
		return { problem: `Only the host counts: ${url.host}` };
	if (!PLAIN_HOST.test(url.host) || url.host.length > MAX_HOST_CHARS)
		return { problem: 'Enter the full host name or IP address.' };
	return { host: url.host };
}
