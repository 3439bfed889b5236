import { isEastAsian, isUncasedLetter } from './scripts.ts';

/**
 * Characters other than spaces that end a bare link: punctuation of scripts without spaces, quotation marks, the em
 * dash and the ellipsis. Letters and the middle dot are part of addresses (`wiki/スティーブ・ジョブズ`).
 */
const STOP =
	/[\u00AB\u00BB\u060C\u061B\u061F\u06D4\u0964\u0965\u104A\u104B\u17D4\u2014\u2018-\u201F\u2026\u2039\u203A\u3001-\u3003\u3008-\u3011\u3014-\u301B\u301D-\u301F\uFE10-\uFE19\uFE30-\uFE52\uFE54-\uFE6B\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF64]/;

const HOST = /^(?:[a-z]+:\/\/)?([^/?#]*)/i;

/** The offset at which the bare link `raw` must be cut, or -1. */
export function bareLinkEnd(raw: string): number {
	const stop = raw.search(STOP);
	const host = hostEnd(stop < 0 ? raw : raw.slice(0, stop));
	return host < 0 ? stop : host;
}

/** Words directly after the host do not belong to it (`example.com获取`), but `qq音乐.com` is a host. */
function hostEnd(raw: string): number {
	const match = HOST.exec(raw);
	const host = match?.[1] ?? '';
	const start = (match?.[0].length ?? 0) - host.length;
	for (const { index } of host.matchAll(/[a-z\d](?=[^\0-\x7F])/gi)) {
		const rest = host.slice(index + 1);
		if (isUncasedLetter(rest) && !/^[^.]*\.[a-z\d]/i.test(rest)) return start + index + 1;
	}
	return -1;
}

/** The offset of the first `www.` after a letter or punctuation of a script without spaces, or -1. */
export function bareLinkStart(text: string): number {
	for (let at = text.indexOf('www.'); at >= 0; at = text.indexOf('www.', at + 4)) {
		const before = text.charAt(at - 1);
		if (isUncasedLetter(before) || isEastAsian(before.charCodeAt(0))) return at;
	}
	return -1;
}
