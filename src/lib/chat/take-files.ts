import type { App } from '../app.svelte.ts';
import { MAX_IMAGES } from './record.ts';
import { ImageError, prepareImage } from './images.ts';

/** Far beyond any context window here. */
const MAX_PROMPT_BYTES = 2_000_000;

const isText = ({ type, name }: File) =>
	type.startsWith('text/') || /\.(?:txt|md|markdown|csv|json|ya?ml|log|[jt]s|py)$/i.test(name);
const isJson = ({ type, name }: File) => type === 'application/json' || /\.json$/i.test(name);

/**
 * Takes files that were dropped, pasted or picked: images join the message, exported conversations are imported, other
 * texts become the prompt. Returns, in words, what could not be taken.
 */
export async function takeFiles(app: App, files: readonly File[]): Promise<string[]> {
	const refused: string[] = [];
	for (const file of files) {
		if (file.type.startsWith('image/')) await takeImage(app, file, refused);
		else if (isJson(file) && (await looksLikeExport(file))) await app.list.importFiles([file]);
		else if (isText(file)) await takeText(app, file, refused);
		else refused.push(`${file.name} is neither an image nor a text.`);
	}
	return refused;
}

async function takeImage(app: App, file: File, refused: string[]) {
	const { session } = app;
	if (session.draftImages.length >= MAX_IMAGES) {
		refused.push(`${file.name}: one message holds ${MAX_IMAGES} images.`);
		return;
	}
	try {
		const image = await prepareImage(file, file.name);
		session.draftImages = [...session.draftImages, image];
	} catch (thrown) {
		if (!(thrown instanceof ImageError)) throw thrown;
		refused.push(thrown.message);
	}
}

async function takeText(app: App, file: File, refused: string[]) {
	if (file.size > MAX_PROMPT_BYTES) {
		refused.push(`${file.name} is too long to be a message.`);
		return;
	}
	const { session } = app;
	const text = (await file.text()).replace(/\r\n?/g, '\n').replaceAll('\0', '');
	const before = session.draft.trimEnd();
	session.draft = before === '' ? text : `${before}\n\n${text}`;
}

/** Any JSON may be a prompt; only what is recognized as an export is imported. */
async function looksLikeExport(file: File): Promise<boolean> {
	const { recognize } = await import('./exchange/import.ts');
	return recognize(await file.text()) !== null;
}
