import { describe, expect, it } from 'vitest';
import { architecture, variantNames, variants } from '../../../../pocket/model/architecture.ts';
import { libraryMetadata, plan } from '../../../../pocket/model/metadata.ts';
import { readLibraryMetadata } from '../models/library.ts';
import { estimate } from './estimate.ts';
import { qwenVariant, wasmAround } from './worked-example.fixture.ts';

const windows = [256, 512, 1024, 2048];

describe('pocket is planned by the reader that reads every library', () => {
	it.each(variantNames.flatMap((name) => windows.map((window) => [name, window] as const)))(
		'%s at %d tokens takes what its library declares, to the byte',
		(name, window) => {
			const text = JSON.stringify(libraryMetadata(architecture, name));
			const library = readLibraryMetadata(wasmAround(text));
			const made = estimate(qwenVariant(name), window, { library });
			const declared = plan(architecture, variants[name], window);
			expect(made).toMatchObject({
				afterLoadBytes: declared.loadedBytes,
				peakBytes: declared.peakBytes,
				confidence: 'library',
				exactParts: true
			});
		}
	);
});
