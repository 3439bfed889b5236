import fc from 'fast-check';
import { expect, test } from 'vitest';
import { workerPolicy } from '../network/policy.ts';
import { engineIdOf, parseAddress, parseServers, unreachableFrom } from './record.ts';

const base = (typed: string) => {
	const read = parseAddress(typed);
	return 'base' in read ? read.base : null;
};

test('an address is taken with or without scheme, version and path', () => {
	for (const typed of [
		'http://127.0.0.1:8080',
		'127.0.0.1:8080',
		' http://127.0.0.1:8080/ ',
		'http://127.0.0.1:8080/v1',
		'http://127.0.0.1:8080/v1/',
		'http://127.0.0.1:8080/v1/chat/completions',
		'http://127.0.0.1:8080/v1/models'
	])
		expect(base(typed), typed).toBe('http://127.0.0.1:8080/v1');
	expect(base('https://Api.Example.org/openai')).toBe('https://api.example.org/openai/v1');
	expect(base('https://api.example.org/v4')).toBe('https://api.example.org/v4');
});

test('what is no address of a server is refused in words', () => {
	for (const typed of [
		'',
		'ftp://a.example',
		'javascript:alert(1)',
		'http://me:secret@a.example',
		'http://a.example/?key=1',
		'http://a.example/#x',
		'http://[::1]:8080',
		'http://a_b.example'
	]) {
		const read = parseAddress(typed);
		expect('problem' in read && read.problem.endsWith('.'), typed).toBe(true);
	}
});

test('whatever is taken as an address, a worker’s policy can name its origin', () => {
	fc.assert(
		fc.property(fc.oneof(fc.domain(), fc.webAuthority(), fc.string()), (typed) => {
			const read = parseAddress(typed);
			fc.pre(!('problem' in read));
			expect(workerPolicy([read.origin])).toContain(`connect-src 'self' ${read.origin};`);
			expect(base(read.base)).toBe(read.base);
		})
	);
});

test('an http address on the network is out of reach of an https page, and says the ways', () => {
	const https = 'https://headroom.example/';
	expect(unreachableFrom(https, 'http://192.168.1.5:8080/v1')).toContain('ssh -L');
	expect(unreachableFrom(https, 'http://127.0.0.1:8080/v1')).toBeNull();
	expect(unreachableFrom(https, 'https://192.168.1.5/v1')).toBeNull();
	expect(unreachableFrom('http://localhost:4173/', 'http://192.168.1.5:8080/v1')).toBeNull();
});

const server = {
	id: 'a',
	name: 'Mine',
	kind: 'ollama',
	baseUrl: 'http://127.0.0.1:11434/v1',
	key: 'k-1',
	model: 'qwen3:8b',
	contextWindow: 4096,
	images: true,
	asks: false
};

test('servers are kept as they are, and what is unusable is left out', () => {
	const kept = parseServers({ list: [server], active: 'a' });
	expect(kept).toEqual({ list: [server], active: 'a' });
	expect(parseServers(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
	// As an earlier version of the page kept them.
	const { images, asks, ...older } = server;
	expect([images, asks]).toEqual([true, false]);
	expect(parseServers({ list: [older] }).list).toEqual([{ ...server, images: false, asks: true }]);
	const bad = [
		{ ...server, id: 'b', baseUrl: 'javascript:alert(1)' },
		{ ...server, id: 'c', key: 'a\nb' },
		{ ...server, id: 'd', kind: 'toaster' },
		{ ...server, name: 'twice' },
		null
	];
	expect(parseServers({ list: [server, ...bad], active: 'd' })).toEqual({
		list: [server],
		active: null
	});
	fc.assert(
		fc.property(fc.anything(), (raw) => {
			expect(parseServers(raw).active).toBeNull();
		})
	);
});

test('what is kept with an answer names server and model, never the key', () => {
	expect(engineIdOf({ ...server })).toBe('server 127.0.0.1:11434 qwen3:8b');
});
