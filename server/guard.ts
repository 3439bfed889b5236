import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export const isLoopback = (host: string): boolean =>
	LOOPBACK.includes(host) || LOOPBACK.includes(`[${host}]`);

/**
 * Whether a request may name this host. A name that is not ours was made to point here by somebody whose page now
 * believes that it asks its own server (DNS rebinding); an address cannot be made to. `listening`: what the server
 * was told to listen on.
 */
export function hostAllowed(header: string | undefined, listening: string): boolean {
	const name = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d+)?$/i.exec(header ?? '')?.[1]?.toLowerCase();
	if (name === undefined) return false;
	if (LOOPBACK.includes(name)) return true;
	if (isLoopback(listening)) return false;
	return name === listening.toLowerCase() || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** Whether a request comes from a program of this computer: pages of browsers name their origin. */
export function isNear({ socket, headers }: IncomingMessage): boolean {
	if (headers.origin !== undefined) return false;
	const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
	return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

/** The site's own origin, as the request names it. */
export const ownOrigin = ({ headers }: IncomingMessage): string => `http://${headers.host}`;

/** Whether two secrets are the same, in a time that does not depend on where they differ. */
export function same(a: string, b: string): boolean {
	const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
	return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

export function tokenIn({ headers }: IncomingMessage): string | null {
	return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}
