import { expect, test, vi } from 'vitest';
import { ImageError, LONGEST_SIDE_PX, looksLikeImage, prepareImage } from './images.ts';
import { restoreImages } from './record.ts';

async function picture(width: number, height: number): Promise<Blob> {
	const canvas = new OffscreenCanvas(width, height);
	canvas.getContext('2d')?.fillRect(0, 0, width / 2, height);
	return canvas.convertToBlob({ type: 'image/jpeg' });
}

/** A JPEG with an Exif segment that holds `secret`, right behind its first marker. */
async function withExif(jpeg: Blob, secret: string): Promise<Blob> {
	const data = new TextEncoder().encode(`Exif\0\0${secret}`);
	const length = data.length + 2;
	const head = new Uint8Array([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 0xff]);
	return new Blob([head, data, (await jpeg.arrayBuffer()).slice(2)], { type: 'image/jpeg' });
}

test('a large image is scaled to the longest side and keeps its shape', async () => {
	const image = await prepareImage(await picture(3000, 1500), 'wide.jpg');
	expect([image.width, image.height]).toEqual([LONGEST_SIDE_PX, LONGEST_SIDE_PX / 2]);
});

test('a small image is not blown up', async () => {
	const image = await prepareImage(await picture(40, 30));
	expect([image.width, image.height]).toEqual([40, 30]);
});

test('nothing of the file but its pixels remains', async () => {
	const secret = 'GPS 48.1 N 11.5 E';
	const image = await prepareImage(await withExif(await picture(64, 64), secret));
	const bytes = atob(image.url.slice(image.url.indexOf(',') + 1));
	expect(bytes).not.toContain('Exif');
	expect(bytes).not.toContain(secret);
});

test('what comes out may be stored and sent', async () => {
	const image = await prepareImage(await picture(64, 64));
	expect(restoreImages([image], () => undefined)).toEqual([image]);
});

test('what is no image is refused by its name', async () => {
	const file = new Blob(['<script>'], { type: 'image/png' });
	await expect(prepareImage(file, 'x.png')).rejects.toThrow(ImageError);
	await expect(prepareImage(file, 'x.png')).rejects.toThrow('x.png could not be read');
});

test.each([
	[2048, 1000, 1024, 500],
	[1000, 2048, 500, 1024],
	[1024, 1024, 1024, 1024],
	[1025, 10, 1024, 10],
	[4000, 1, 1024, 1]
])('%d x %d becomes %d x %d', async (width, height, ...scaled) => {
	const image = await prepareImage(await picture(width, height));
	expect([image.width, image.height]).toEqual(scaled);
});

test('a file of 50 MiB is looked at, a larger one is not', async () => {
	const file = (size: number) => ({ size, type: 'image/png' }) as Blob;
	const limit = 50 * 2 ** 20;
	await expect(prepareImage(file(limit + 1), 'x.png')).rejects.toMatchObject({
		message: 'x.png is too large.',
		detail: { expected: 'at most 52428800 bytes', found: '52428801 bytes' }
	});
	await expect(prepareImage(file(limit))).rejects.toThrow('This image could not be read');
});

test.each([
	['transparency becomes white', undefined, 255],
	['black stays black', '#000', 0]
])('%s, up to the edges', async (_, fill, shade) => {
	const canvas = new OffscreenCanvas(8, 8);
	const context = canvas.getContext('2d')!;
	if (fill !== undefined) {
		context.fillStyle = fill;
		context.fillRect(0, 0, 8, 8);
	}
	const image = await prepareImage(await canvas.convertToBlob({ type: 'image/png' }));
	const shown = new OffscreenCanvas(8, 8).getContext('2d')!;
	shown.drawImage(await createImageBitmap(await (await fetch(image.url)).blob()), 0, 0);
	expect([...shown.getImageData(0, 0, 8, 8).data]).toEqual(
		Array.from({ length: 64 }, () => [shade, shade, shade, 255]).flat()
	);
});

test('a name of at most 200 characters stays with it, and none where there is none', async () => {
	const blob = await picture(8, 8);
	expect((await prepareImage(blob, 'x'.repeat(201))).name).toBe('x'.repeat(200));
	expect(await prepareImage(blob)).not.toHaveProperty('name');
});

test.each([
	['a.heic', '', 'Save it as a JPEG or PNG'],
	['a.png', '', 'it is damaged, or something else'],
	['a', 'image/avif', 'Save it as a JPEG or PNG'],
	['a', 'image/jpeg', 'it is damaged, or something else'],
	['a', '', 'Save it as a JPEG or PNG']
])('%s of type "%s" that cannot be read: %s', async (name, type, said) => {
	await expect(prepareImage(new Blob(['x'], { type }), name)).rejects.toThrow(said);
});

test('an image is told by its type, or by its name where the system gives none', () => {
	expect(looksLikeImage({ type: 'image/x', name: 'a' })).toBe(true);
	expect(looksLikeImage({ type: '', name: 'a.HEIC' })).toBe(true);
	expect(looksLikeImage({ type: 'text/plain', name: 'png' })).toBe(false);
});

test('a browser that gives no canvas says what was expected', async () => {
	const blob = await picture(8, 8);
	const canvas = vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
	await expect(prepareImage(blob, 'x.jpg')).rejects.toMatchObject({
		message: 'x.jpg could not be scaled.',
		detail: { expected: 'a 2D canvas', found: 'none' }
	});
	canvas.mockRestore();
});
