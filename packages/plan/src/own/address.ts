/** Where the files of a person's own model lie, as far as the network is concerned. */
export type ModelAddress =
	{ kind: 'hub'; owner: string; name: string; revision: string } | { kind: 'url'; url: string };

export type AddressProblem =
	| 'empty'
	| 'too-long'
	| 'not-an-address'
	| 'not-https'
	| 'credentials'
	| 'query'
	| 'not-a-model'
	| 'not-a-file-format'
	| 'subfolder'
	| 'bad-name'
	| 'bad-revision'
	| 'reserved';

/** What was typed names no place that a model can come from. The message is a sentence with a next step. */
export class AddressError extends Error {
	override readonly name = 'AddressError';
	constructor(
		readonly problem: AddressProblem,
		readonly expected: string,
		readonly found: string,
		message: string
	) {
		super(message);
	}
}

export const MAX_ADDRESS_CHARS = 500;
export const HUB = 'https://huggingface.co/';

// As the hub has them: letters, digits, `-`, `_` and `.`, 96 characters at most.
const NAME = /^[A-Za-z0-9](?:[\w.-]{0,94}[\w-])?$/;
/** A branch, a tag, a commit or `refs/pr/1`. */
const REVISION = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;
const HUB_HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
/** Places of the hub that are no owners. */
const OTHER_PLACES = ['datasets', 'spaces', 'docs', 'collections', 'papers', 'blog', 'api'];
const LOOPBACK = ['localhost', '127.0.0.1'];
/** Files by which a folder may be named. */
const FILES = ['mlc-chat-config.json', 'tensor-cache.json', 'ndarray-cache.json'];

/**
 * Reads `owner/name`, `owner/name@revision`, a page of the hub or an https folder, as a person types it. Throws
 * AddressError for anything else.
 */
export function parseAddress(typed: string): ModelAddress {
	const text = typed.trim();
	const form = 'owner/name or an https address';
	if (text === '')
		throw new AddressError('empty', form, 'nothing', 'Enter owner/name or an https address.');
	if (text.length > MAX_ADDRESS_CHARS)
		throw new AddressError(
			'too-long',
			`at most ${MAX_ADDRESS_CHARS} characters`,
			`${text.length}`,
			'This is too long for an address. Enter owner/name or an https address.'
		);
	if (/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return fromUrl(text);
	if (HUB_HOSTS.some((host) => text.toLowerCase().startsWith(`${host}/`)))
		return fromUrl(`https://${text}`);
	return fromName(text);
}

function fromName(text: string): ModelAddress {
	const parts = /^([^/@\s]+)\/([^/@\s]+)(?:@(\S+))?$/.exec(text);
	const [, owner = '', name = '', revision = 'main'] = parts ?? [];
	if (!parts)
		throw new AddressError(
			'not-an-address',
			'owner/name',
			text,
			`“${text}” is not a model name. Enter it with its owner, as on its page: owner/name.`
		);
	return hubAddress(owner, name, revision);
}

function hubAddress(owner: string, name: string, revision: string): ModelAddress {
	for (const part of [owner, name])
		if (!NAME.test(part) || /--|\.\./.test(part))
			throw new AddressError(
				'bad-name',
				'letters, digits, “-”, “_” and “.”',
				part,
				`The hub has no names like “${part}”. Copy owner/name from the model’s page.`
			);
	if (!REVISION.test(revision) || revision.length > 200)
		throw new AddressError(
			'bad-revision',
			'a branch, tag or commit',
			revision,
			`“${revision}” is no branch, tag or commit. Leave it out for the newest files.`
		);
	return { kind: 'hub', owner, name, revision };
}

function fromUrl(text: string): ModelAddress {
	if (!URL.canParse(text))
		throw new AddressError(
			'not-an-address',
			'an https address',
			text,
			'This is not a web address. Copy it from the browser’s address bar.'
		);
	const url = new URL(text);
	if (url.username !== '' || url.password !== '')
		throw new AddressError(
			'credentials',
			'an address without a name or password',
			url.host,
			'Leave out the name and password: addresses are kept and shown.'
		);
	const secure =
		url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
	if (!secure)
		throw new AddressError(
			'not-https',
			'https',
			url.protocol,
			'Only https addresses can be used: anything else can be altered on the way.'
		);
	if (HUB_HOSTS.includes(url.host)) return fromHubPage(url);
	if (url.hostname.endsWith('.invalid'))
		throw new AddressError(
			'reserved',
			'a host on the network',
			url.host,
			'Names that end in .invalid belong to models from a folder. Add the folder instead.'
		);
	if (url.search !== '' || url.hash !== '')
		throw new AddressError(
			'query',
			'an address without “?” and “#”',
			url.search + url.hash,
			'Leave out everything from “?” or “#” on: the model’s files are looked for below the address.'
		);
	const path = url.pathname.split('/');
	const last = path.at(-1) ?? '';
	if (FILES.includes(last)) path.pop();
	else if (/\.(?:gguf|safetensors|bin|onnx|zip|wasm|json)$/i.test(last))
		throw new AddressError(
			'not-a-file-format',
			'a folder',
			last,
			`This is one file, ${last}. Enter the folder that holds mlc-chat-config.json.`
		);
	return { kind: 'url', url: `${url.origin}${path.join('/').replace(/\/*$/, '/')}` };
}

function fromHubPage(url: URL): ModelAddress {
	const [owner = '', name = '', view = '', ...rest] = url.pathname.split('/').filter(Boolean);
	if (OTHER_PLACES.includes(owner) || name === '')
		throw new AddressError(
			'not-a-model',
			'a model’s page',
			url.pathname,
			'This page of the hub is no model’s. Open the model there and copy its address.'
		);
	// Its other pages: discussions, settings.
	if (!['tree', 'blob', 'resolve', 'raw', 'commit'].includes(view))
		return hubAddress(owner, name, 'main');
	// A revision with slashes is written with `%2F` there.
	const [revision = 'main', ...path] = rest;
	const below = path.filter((part, index) => !(index === path.length - 1 && FILES.includes(part)));
	if (below.length > 0 && view !== 'commit' && view !== 'blob')
		throw new AddressError(
			'subfolder',
			'a repository with the model at its top',
			below.join('/'),
			`The engine reads a model from the top of its repository, not from ${below.join('/')}.`
		);
	return hubAddress(owner, name, safelyDecoded(revision));
}

function safelyDecoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Where the engine looks for the files, by exact URL: ends with `/resolve/<revision>/`. */
export function baseUrlOf(address: ModelAddress): string {
	if (address.kind === 'hub') {
		const { owner, name, revision } = address;
		return `${HUB}${owner}/${name}/resolve/${encodeURIComponent(revision)}/`;
	}
	return /.\/resolve\/[^/]+\/$/.test(address.url) ? address.url : `${address.url}resolve/main/`;
}

/** "owner/name@revision", or the URL. */
export const addressInWords = (address: ModelAddress): string =>
	address.kind === 'url'
		? address.url
		: `${address.owner}/${address.name}${address.revision === 'main' ? '' : `@${address.revision}`}`;
