import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressError, addressInWords, baseUrlOf, parseAddress } from './address.ts';

const hub = (owner: string, name: string, revision = 'main') => ({
	kind: 'hub',
	owner,
	name,
	revision
});

describe('parseAddress', () => {
	it.each([
		['alice/Poet-1B-q4f16_1-MLC', hub('alice', 'Poet-1B-q4f16_1-MLC')],
		['  alice/Poet@v1.0 ', hub('alice', 'Poet', 'v1.0')],
		['alice/Poet@refs/pr/3', hub('alice', 'Poet', 'refs/pr/3')],
		['https://huggingface.co/alice/Poet', hub('alice', 'Poet')],
		['huggingface.co/alice/Poet/', hub('alice', 'Poet')],
		['https://hf.co/alice/Poet?library=mlc#x', hub('alice', 'Poet')],
		['https://huggingface.co/alice/Poet/tree/dev', hub('alice', 'Poet', 'dev')],
		[
			'https://huggingface.co/alice/Poet/blob/main/mlc-chat-config.json',
			hub('alice', 'Poet', 'main')
		],
		['https://huggingface.co/alice/Poet/tree/refs%2Fpr%2F3', hub('alice', 'Poet', 'refs/pr/3')],
		['https://hf.co/alice/Poet/tree', hub('alice', 'Poet')],
		['https://hf.co/alice/Poet/resolve/dev/mlc-chat-config.json', hub('alice', 'Poet', 'dev')],
		['https://hf.co/alice/Poet/blob/dev/docs/README.md', hub('alice', 'Poet', 'dev')],
		['https://hf.co/alice/Poet/commit/6f1d3bd1/x', hub('alice', 'Poet', '6f1d3bd1')],
		['HF.co/alice/Poet', hub('alice', 'Poet')],
		[`alice/Poet@${'x'.repeat(200)}`, hub('alice', 'Poet', 'x'.repeat(200))],
		[`${'a'.repeat(96)}/Poet`, hub('a'.repeat(96), 'Poet')],
		['http://127.0.0.1/poet', { kind: 'url', url: 'http://127.0.0.1/poet/' }],
		['https://huggingface.co/alice/Poet/discussions/4', hub('alice', 'Poet')],
		['https://m.example/poet', { kind: 'url', url: 'https://m.example/poet/' }],
		['https://m.example/poet//tensor-cache.json', { kind: 'url', url: 'https://m.example/poet/' }],
		['http://localhost:8000/poet/', { kind: 'url', url: 'http://localhost:8000/poet/' }]
	])('reads %s', (typed, expected) => {
		expect(parseAddress(typed)).toEqual(expected);
	});

	it.each([
		['', 'empty'],
		['poet', 'not-an-address'],
		['a/b/c', 'not-an-address'],
		['alice/po et', 'not-an-address'],
		['alice/..', 'bad-name'],
		['alice/a--b', 'bad-name'],
		['аlice/Poet', 'bad-name'],
		['alice/Poet@../x', 'bad-revision'],
		['alice/Poet@a//b', 'bad-revision'],
		['http://m.example/poet', 'not-https'],
		['ftp://m.example/poet', 'not-https'],
		['https://', 'not-an-address'],
		['https://me:secret@m.example/poet', 'credentials'],
		['https://m.example/poet?token=1', 'query'],
		['https://m.example/poet.gguf', 'not-a-file-format'],
		['https://me@m.example/poet', 'credentials'],
		['https://:secret@m.example/poet', 'credentials'],
		['https://m.example/poet#weights', 'query'],
		['ws://localhost/poet', 'not-https'],
		[`alice/Poet@${'x'.repeat(201)}`, 'bad-revision'],
		[`${'a'.repeat(97)}/Poet`, 'bad-name'],
		['https://huggingface.co/alice/Poet/resolve/main/tensor-cache.json/q4', 'subfolder'],
		['https://huggingface.co/alice/Poet/raw/main/q4/tensor-cache.json', 'subfolder'],
		['https://x.invalid/resolve/1/', 'reserved'],
		['https://huggingface.co/datasets/alice/Poet', 'not-a-model'],
		['https://huggingface.co/alice', 'not-a-model'],
		['https://huggingface.co/alice/Poet/tree/main/q4', 'subfolder'],
		['x'.repeat(500), 'not-an-address'],
		['x'.repeat(501), 'too-long']
	])('refuses %s', (typed, problem) => {
		expect(() => parseAddress(typed)).toThrow(expect.objectContaining({ problem }));
	});

	it('names the folder that the engine does not look into', () => {
		const typed = 'https://hf.co/alice/Poet/tree/main/q4/deep/ndarray-cache.json';
		expect(() => parseAddress(typed)).toThrow('not from q4/deep.');
	});

	it('never lets anything else through', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.webUrl()), (typed) => {
				try {
					const url = new URL(baseUrlOf(parseAddress(typed)));
					expect(url.protocol === 'https:' || url.hostname === 'localhost').toBe(true);
					expect(url.pathname).toMatch(/\/resolve\/[^/]+\/$/);
					expect([url.username, url.password, url.search, url.hash]).toEqual(['', '', '', '']);
				} catch (error) {
					expect(error).toBeInstanceOf(AddressError);
				}
			})
		);
	});

	it('reads again what it says in words', () => {
		const part = fc.stringMatching(/^[a-z0-9][a-z0-9_]{0,20}$/);
		fc.assert(
			fc.property(part, part, part, (owner, name, revision) => {
				const address = hub(owner, name, revision);
				expect(parseAddress(addressInWords(address as never))).toEqual(address);
			})
		);
	});
});

it('says an address of the hub without its usual branch, and any other as it is', () => {
	const words = (typed: string) => addressInWords(parseAddress(typed));
	expect(words('hf.co/alice/Poet')).toBe('alice/Poet');
	expect(words('alice/Poet@dev')).toBe('alice/Poet@dev');
	expect(words('https://m.example/poet')).toBe('https://m.example/poet/');
});

it('puts the files where the engine will look for them', () => {
	const at = (typed: string) => baseUrlOf(parseAddress(typed));
	expect(at('a/b@refs/pr/1')).toBe('https://huggingface.co/a/b/resolve/refs%2Fpr%2F1/');
	expect(at('https://m.example/poet')).toBe('https://m.example/poet/resolve/main/');
	expect(at('https://m.example/resolve/v2')).toBe('https://m.example/resolve/v2/');
	expect(at('https://m.example/poet/resolve/v2')).toBe('https://m.example/poet/resolve/v2/');
});
