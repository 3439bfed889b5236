import { expect, test } from 'vitest';
import { ImageError, LONGEST_SIDE_PX, prepareImage } from './images.ts';
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
