/** What a destination written by a model becomes. */
export type Target =
	| {
			kind: 'web';
			/** Canonical: punycode host, percent-encoded path. */
			href: string;
			host: string;
	  }
	| { kind: 'mail'; href: string; address: string }
	| { kind: 'text' };

const TEXT: Target = { kind: 'text' };

const WEB = /^https?:\/\/[^/]/i;
const MAIL = /^mailto:([\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;
/** `URL` trims, drops or turns these, so what it parses would not be what was read. */
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Z}\\]/u;

/**
 * Only `http:`, `https:` and `mailto:` are worth a link. A destination that carries credentials, controls or
 * invisible characters is none either: it reads as another place than it leads to.
 */
export function linkTarget(destination: string): Target {
	if (UNREADABLE.test(destination)) return TEXT;
	const mail = MAIL.exec(destination);
	if (mail?.[1]) return { kind: 'mail', href: `mailto:${mail[1]}`, address: mail[1] };
	if (!WEB.test(destination) || !URL.canParse(destination)) return TEXT;
	const url = new URL(destination);
	if (url.username || url.password || !url.host) return TEXT;
	return { kind: 'web', href: url.href, host: url.host };
}

/**
 * The place to name beside a link, or null where its text already says it. Text outside ASCII never does: `аpple.com`
 * may be anyone.
 */
export function placeBeside(target: Target, text: string): string | null {
	if (target.kind === 'text') return null;
	const said = text.trim();
	if (target.kind === 'mail')
		return said === target.address || said === target.href ? null : target.address;
	return /^[!-~]+$/.test(said) && bare(said) === bare(target.href) ? null : target.host;
}

function bare(url: string): string {
	return url
		.replace(/^https?:\/\//i, '')
		.replace(/\/$/, '')
		.toLowerCase();
}

/** Where an image would have come from, as words. It is never fetched. */
export function imageSource(destination: string): string {
	const target = linkTarget(destination);
	if (target.kind === 'web') return target.host;
	const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(destination.trim())?.[1];
	return scheme ? `${scheme.toLowerCase()}:` : 'no host';
}
