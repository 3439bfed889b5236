import { expect, test } from 'vitest';
import { absoluteUrls, modelBaseUrl } from '../models/catalog-record.ts';
import type { Variant } from '../models/catalog.ts';
import { aCatalog } from './a-catalog.ts';
import { attribute, bytesByVariant } from './on-disk.ts';

const variants = aCatalog().flatMap(({ variants }) => variants);
const baseUrlOf = (variant: Variant) =>
	modelBaseUrl(absoluteUrls(variant, 'https://site.example/headroom/'));
const LLAMA = 'Llama-3.1-8B-Instruct-q4f16_1-MLC';

test('files are known by the place they were asked of; what the catalogue has no more, too', () => {
	const llama = variants.find(({ id }) => id === LLAMA);
	if (!llama) throw new Error(`no variant ${LLAMA}`);
	const lying = (askedUrl: string, bytes: number) => ({
		baseUrl: askedUrl.replace('/main/', '/0123abc/'),
		askedUrl,
		state: 'complete' as const,
		bytes,
		freedBytes: bytes,
		files: 5,
		missing: [],
		libraryUrl: null,
		lastUsedAt: null,
		uses: 0
	});
	const found = attribute(
		[
			lying('https://hub.example/mlc-ai/Gone-q4f16_1-MLC/resolve/main/', 9),
			lying(baseUrlOf(llama), 7)
		],
		variants,
		baseUrlOf
	);
	expect(found.map(({ variant }) => variant?.id ?? null)).toEqual([null, LLAMA]);
	expect([...bytesByVariant(found)]).toEqual([[LLAMA, 7]]);
});
