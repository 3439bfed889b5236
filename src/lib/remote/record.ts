import * as v from 'valibot';
import { isRecord } from '../kit/restore.ts';

export const SERVER_KINDS = ['llama.cpp', 'vllm', 'ollama', 'lm-studio', 'other'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** An OpenAI-compatible server that the person runs or trusts. */
export interface Server {
	id: string;
	name: string;
	kind: ServerKind;
	/** With the version at its end and no slash behind: `http://127.0.0.1:9931/v1`. */
	baseUrl: string;
	/** '': none is sent. */
	key: string;
	model: string;
	/** Tokens, as the person or the server said; null: the server decides. */
	contextWindow: number | null;
	/** Its model takes images, as the person or the server said. */
	images: boolean;
	/** Nothing of a conversation is sent before the person has said so in it, once. */
	asks: boolean;
}

/** Kept apart from the settings, which are exported: keys stay in this browser. */
export interface Servers {
	list: Server[];
	/** The id of the server that answers in place of this GPU; null: none. */
	active: string | null;
}

const ENGINE_PREFIX = 'server ';
export const MAX_SERVERS = 20;
export const MAX_KEY_CHARS = 4_000;
export const MAX_URL_CHARS = 500;

const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200));
const ServerSchema: v.GenericSchema<unknown, Server> = v.object({
	id: name,
	name,
	kind: v.picklist(SERVER_KINDS),
	baseUrl: v.pipe(
		v.string(),
		v.maxLength(MAX_URL_CHARS),
		v.check((text) => 'base' in parseAddress(text))
	),
	key: v.pipe(v.string(), v.maxLength(MAX_KEY_CHARS), v.regex(/^[\x21-\x7e]*$/)),
	model: v.pipe(v.string(), v.trim(), v.maxLength(300)),
	contextWindow: v.fallback(
		v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1e9))),
		null
	),
	images: v.fallback(v.boolean(), false),
	asks: v.fallback(v.boolean(), true)
});

/** Servers from storage: what is not usable is left out. */
export function parseServers(raw: unknown): Servers {
	if (!isRecord(raw) || !Array.isArray(raw.list)) return { list: [], active: null };
	const seen = new Set<string>();
	const list = raw.list
		.flatMap((each) => {
			const read = v.safeParse(ServerSchema, each);
			if (!read.success || seen.has(read.output.id)) return [];
			seen.add(read.output.id);
			return [read.output];
		})
		.slice(0, MAX_SERVERS);
	const active = list.some(({ id }) => id === raw.active) ? String(raw.active) : null;
	return { list, active };
}

// Names and IPv4 addresses, as a policy can name them.
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$/;

/** The base of a server's interface from an address as a person types it, with or without `/v1`; or why not, in words. */
export function parseAddress(
	typed: string
): { base: string; origin: string } | { problem: string } {
	const text = typed.trim();
	if (text === '') return { problem: 'Enter an address such as http://127.0.0.1:8080.' };
	const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
	const url = URL.canParse(address) ? new URL(address) : null;
	if (!url || url.host === '') return { problem: 'This is not a web address.' };
	if (url.protocol !== 'http:' && url.protocol !== 'https:')
		return { problem: 'The address must begin with http:// or https://.' };
	if (url.username !== '' || url.password !== '')
		return { problem: 'Leave out the name and password; a key has its own field.' };
	if (url.search !== '' || url.hash !== '')
		return { problem: 'Leave out everything from “?” or “#” on.' };
	if (url.hostname.startsWith('['))
		return {
			problem: 'Use a name or an IPv4 address: the page’s policy cannot name IPv6 addresses.'
		};
	if (!HOST.test(url.host)) return { problem: 'Enter the full host name or IP address.' };
	const path = url.pathname.replace(/\/+$/, '').replace(/\/(?:chat\/completions|models)$/, '');
	const base = `${url.origin}${/\/v\d+$/.test(path) ? path : `${path}/v1`}`;
	return { base, origin: url.origin };
}

export const originOf = ({ baseUrl }: Pick<Server, 'baseUrl'>): string => new URL(baseUrl).origin;

/** Kept with each answer: the server's address and its model, without the key. */
export const engineIdOf = ({ baseUrl, model }: Pick<Server, 'baseUrl' | 'model'>): string =>
	`${ENGINE_PREFIX}${new URL(baseUrl).host} ${model}`.slice(0, 200);

/** Whether an engine's id is that of a server, which may be gone; no variant's id has a space. */
export const isServerId = (engineId: string): boolean => engineId.startsWith(ENGINE_PREFIX);

/** "pocket · Mine". */
export const labelOf = ({ model, name }: Pick<Server, 'model' | 'name'>): string =>
	[model, name].filter(Boolean).join(' · ');

/** Why a page at `pageUrl` may not reach this address; null: it may be tried. */
export function unreachableFrom(pageUrl: string, baseUrl: string): string | null {
	const page = new URL(pageUrl);
	const server = new URL(baseUrl);
	if (server.protocol === 'https:' || isLoopbackName(server.hostname)) return null;
	if (page.protocol === 'https:')
		return 'A page on https cannot read an http address on the network. Put the server behind https, or forward it to this computer (ssh -L 8080:127.0.0.1:8080 HOST) and enter http://127.0.0.1:8080.';
	return null;
}

export const isLoopbackName = (hostname: string): boolean =>
	hostname === 'localhost' || hostname === '127.0.0.1';
