import { expect, test } from 'vitest';
import { forwardsToken } from './forwards-token.ts';

const chrome = (version: string) =>
	`Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36`;
const firefox = (version: string) =>
	`Mozilla/5.0 (X11; Linux x86_64; rv:${version}) Gecko/20100101 Firefox/${version}`;
const safari = (version: string) =>
	`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15`;

test.each([
	[chrome('113.0.0.0'), true],
	[chrome('118.0.5993.88'), true],
	[`${chrome('118.0.0.0')} Edg/118.0.2088.46`, true],
	[chrome('119.0.0.0'), false],
	[chrome('141.0.0.0'), false],
	[firefox('111.0'), true],
	[firefox('141.0'), false],
	[safari('16.3'), true],
	[safari('16.4'), false],
	[safari('18.2'), false],
	['', false]
])('%s sends a token on to other origins: %s', (userAgent, expected) => {
	expect(forwardsToken(userAgent)).toBe(expected);
});
