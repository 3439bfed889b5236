import * as v from 'valibot';
import { SECRET } from './relay-secret.ts';
import { errorSchema } from './schemas.ts';

/** What the local server and the page it opened tell each other over a WebSocket, as JSON. */

/** Below the site's base path. */
export const RELAY_PATH = '/relay';
/** The WebSocket's subprotocol; the secret or key is sent as a second one, since a page can set no header. */
export const RELAY_PROTOCOL = 'headroom-relay-1';
/** Why the server closes a socket: the secret or key is not one of its own, or was used. */
export const CLOSED_REFUSED = 4401;
/** The same for a page that says what is no message. */
export const CLOSED_MALFORMED = 4400;

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const toPageSchema = v.variant('type', [
	/** The socket is accepted; `key` stands for the secret from now on: for a reload of the tab, or a broken socket. */
	v.object({ type: v.literal('welcome'), key: v.pipe(v.string(), v.regex(SECRET)) }),
	v.object({ type: v.literal('call'), id, name: v.string(), input: v.unknown() }),
	/** Asks for all events, until aborted. */
	v.object({ type: v.literal('listen'), id }),
	v.object({ type: v.literal('abort'), id })
]);

export const fromPageSchema = v.variant('type', [
	/** Whether a model is loaded here: such a page answers before others. */
	v.object({ type: v.literal('holds'), holds: v.boolean() }),
	/** Of an answer that grows. */
	v.object({ type: v.literal('piece'), id, value: v.unknown() }),
	v.object({ type: v.literal('event'), id, name: v.string(), value: v.unknown() }),
	v.object({ type: v.literal('done'), id, value: v.unknown() }),
	v.object({ type: v.literal('failed'), id, error: errorSchema.entries.error })
]);

export type ToPage = v.InferOutput<typeof toPageSchema>;
export type FromPage = v.InferOutput<typeof fromPageSchema>;

/** A message as it came; null: it is none. */
export function parseMessage<T>(schema: v.GenericSchema<unknown, T>, text: unknown): T | null {
	if (typeof text !== 'string') return null;
	try {
		const read = v.safeParse(schema, JSON.parse(text));
		return read.success ? read.output : null;
	} catch {
		return null;
	}
}
