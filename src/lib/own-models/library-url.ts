import { Failure } from '../rpc/failure.ts';

const refuse = (message: string) => new Failure('network', message, { cause: 'address' });

/** The address of a library as a person types it. Throws the Failure that says what is wrong with it. */
export function libraryUrlOf(typed: string): string {
	const text = typed.trim();
	if (!URL.canParse(text)) throw refuse('Enter the library’s whole address, https://….wasm.');
	const url = new URL(text);
	const loopback = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
		throw refuse('Only https: code that was altered on the way must not run here.');
	if (url.username !== '' || url.password !== '' || url.hash !== '')
		throw refuse('Leave out name, password and everything from “#” on.');
	return url.href;
}

export const hostOf = (url: string): string => new URL(url).host;
