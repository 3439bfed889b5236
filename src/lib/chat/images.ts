import type { ImagePart } from './conversation.ts';

/** Longer sides are scaled down to this: the vision models here look at no more. */
export const LONGEST_SIDE_PX = 1024;
const MAX_IMAGE_BYTES = 50 * 2 ** 20;
const JPEG_QUALITY = 0.88;

/** Systems that do not know a kind of picture give its file no type. */
const IMAGE_NAME =
	/\.(?:png|apng|jpe?g|gif|webp|avif|bmp|ico|heic|heif|tiff?|jxl|jp2|psd|dng|cr[23]|nef|arw)$/i;

export function looksLikeImage({ type, name }: Pick<File, 'type' | 'name'>): boolean {
	return type.startsWith('image/') || IMAGE_NAME.test(name);
}

/** What cannot be read, and what to do instead. */
function unreadable(called: string, type: string): string {
	const kind = /\.([a-z0-9]+)$/i.exec(called)?.[1] ?? /^image\/([a-z0-9]+)/i.exec(type)?.[1] ?? '';
	return READ_EVERYWHERE.test(kind)
		? `${called} could not be read as an image: it is damaged, or something else.`
		: `${called} could not be read as an image by this browser. Save it as a JPEG or PNG and add that.`;
}

const READ_EVERYWHERE = /^(?:png|apng|jpe?g|gif|webp|bmp)$/i;

export class ImageError extends Error {
	override readonly name = 'ImageError';

	constructor(
		message: string,
		readonly detail: { expected: string; found: string }
	) {
		super(message);
	}
}

/**
 * An image as the engine may have it: scaled and redrawn, so that nothing of the file but its pixels remains
 * (no place, camera or date).
 */
export async function prepareImage(file: Blob, name = ''): Promise<ImagePart> {
	const called = name === '' ? 'This image' : name;
	if (file.size > MAX_IMAGE_BYTES) {
		throw new ImageError(`${called} is too large.`, {
			expected: `at most ${MAX_IMAGE_BYTES} bytes`,
			found: `${file.size} bytes`
		});
	}
	let bitmap: ImageBitmap;
	try {
		bitmap = await createImageBitmap(file);
	} catch {
		throw new ImageError(unreadable(called, file.type), {
			expected: 'PNG, JPEG, WebP, GIF or AVIF',
			found: file.type || 'an unknown type'
		});
	}
	const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(bitmap.width, bitmap.height));
	const canvas = document.createElement('canvas');
	canvas.width = Math.max(1, Math.round(bitmap.width * scale));
	canvas.height = Math.max(1, Math.round(bitmap.height * scale));
	const context = canvas.getContext('2d');
	if (!context) {
		throw new ImageError(`${called} could not be scaled.`, {
			expected: 'a 2D canvas',
			found: 'none'
		});
	}
	// JPEG has no transparency; without this it would turn black.
	context.fillStyle = '#fff';
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	bitmap.close();
	return {
		url: canvas.toDataURL('image/jpeg', JPEG_QUALITY),
		width: canvas.width,
		height: canvas.height,
		...(name !== '' && { name: name.slice(0, 200) })
	};
}
