import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageSource, linkTarget, placeBeside } from './links.ts';

describe('a destination that is no link', () => {
	test.each([
		'javascript:alert(1)',
		'JaVaScRiPt:alert(1)',
		' javascript:alert(1)',
		'java\tscript:alert(1)',
		'java\nscript:alert(1)',
		'\u0001javascript:alert(1)',
		'javascript\u200B:alert(1)',
		'javascript&colon;alert(1)',
		'vbscript:msgbox(1)',
		'data:text/html,<script>alert(1)</script>',
		'DATA:text/html;base64,PHNjcmlwdD4=',
		'blob:https://example.com/1',
		'file:///etc/passwd',
		'filesystem:https://example.com/temporary/x',
		'intent://scan/#Intent;end',
		'ftp://example.com/',
		'about:blank',
		'view-source:https://example.com',
		'//example.com/protocol-relative',
		'/relative',
		'relative',
		'#fragment',
		'?query',
		'',
		'https:example.com',
		'https:/example.com',
		'https:///example.com',
		'https:\\\\example.com',
		'https://example.com\\@evil.example',
		'https://apple.com@evil.example/',
		'https://user:password@evil.example/',
		'https://',
		'https://exa mple.com',
		'https://example.com\u0000',
		'https://example.com/\u202Egpj.exe',
		'https://exam\u200Bple.com/',
		'https://exam\u00ADple.com/',
		' https://example.com/',
		'https://example.com:99999/',
		'mailto:',
		'mailto:nobody',
		'mailto:a@example.com?bcc=evil@example.com',
		'mailto:a@example.com%0Abcc:evil@example.com'
	])('%j', (destination) => {
		expect(linkTarget(destination)).toEqual({ kind: 'text' });
	});
});

test('a web address is canonical, with its host in ASCII', () => {
	expect(linkTarget('HTTPS://EXAMPLE.com/ä?q=1#f')).toEqual({
		kind: 'web',
		href: 'https://example.com/%C3%A4?q=1#f',
		host: 'example.com'
	});
	expect(linkTarget('http://localhost:8080')).toMatchObject({ host: 'localhost:8080' });
});

test('a host of look-alike letters is shown as punycode', () => {
	expect(linkTarget('https://аpple.com/')).toMatchObject({ host: 'xn--pple-43d.com' });
	expect(linkTarget('https://ｅxample.com/')).toMatchObject({ host: 'example.com' });
});

test('a mail address keeps nothing but the address', () => {
	expect(linkTarget('MAILTO:a.b+c@example.com')).toEqual({
		kind: 'mail',
		href: 'mailto:a.b+c@example.com',
		address: 'a.b+c@example.com'
	});
});

test('whatever is written, a link leads to the web or to a mail address', () => {
	const start = fc.constantFrom(
		'http:',
		'https://',
		'https://a.example',
		'mailto:a@b.example',
		'data:',
		''
	);
	fc.assert(
		fc.property(start, fc.string({ unit: 'binary' }), (start, rest) => {
			const target = linkTarget(start + rest);
			fc.pre(target.kind !== 'text');
			expect(new URL(target.href).protocol).toMatch(/^(https?|mailto):$/);
			expect(target.href).toMatch(/^[!-~]+$/);
		})
	);
});

describe('the host beside a link', () => {
	const target = linkTarget('https://example.com/a');
	test.each(['https://example.com/a', 'example.com/a', 'HTTPS://example.com/a/'])(
		'is not repeated after %j',
		(text) => expect(placeBeside(target, text)).toBeNull()
	);
	test.each(['here', 'https://google.com/', 'https://example.com', 'https://еxample.com/a', ''])(
		'is shown after %j',
		(text) => expect(placeBeside(target, text)).toBe('example.com')
	);
	test('is shown as punycode even where the text is the address', () => {
		const url = 'https://аpple.com/';
		expect(placeBeside(linkTarget(url), url)).toBe('xn--pple-43d.com');
	});
	test('is the address for mail', () => {
		expect(placeBeside(linkTarget('mailto:a@example.com'), 'write')).toBe('a@example.com');
		expect(placeBeside(linkTarget('mailto:a@example.com'), 'a@example.com')).toBeNull();
	});
});

test('an image names where it would have come from', () => {
	expect(imageSource('https://tracker.example/pixel.gif?id=1')).toBe('tracker.example');
	expect(imageSource('data:image/png;base64,AAAA')).toBe('data:');
	expect(imageSource('JavaScript:alert(1)')).toBe('javascript:');
	expect(imageSource('pixel.gif')).toBe('no host');
});
