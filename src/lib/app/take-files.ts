import type { App } from './app.svelte.ts';
import { MAX_IMAGES } from '../chat/record.ts';
import { ImageError, looksLikeImage, prepareImage } from '../chat/images.ts';

/** Far beyond any context window here. */
const MAX_PROMPT_BYTES = 2_000_000;
/** May hold an export of chats, if it begins like JSON. */
const MAY_BE_EXPORT = /\.(?:jsonl?|ndjson|txt)$/i;

/**
 * Takes files that were dropped, pasted or picked: images join the message, exported conversations are imported, other
 * texts become the prompt. Returns, in words, what could not be taken.
 */
export async function takeFiles(app: App, files: readonly File[]): Promise<string[]> {
	const refused: string[] = [];
	for (const file of files) {
		const why = await takeFile(app, file);
		if (why !== null) refused.push(why);
	}
	return refused;
}

async function takeFile(app: App, file: File): Promise<string | null> {
	if (looksLikeImage(file)) {
		const why = await takeImage(app, file);
		// A drawing may be text (SVG), and is taken as that.
		return why !== null && (await begunAsText(file)) ? takeText(app, file) : why;
	}
	// Documents of word processors are archives too.
	if (/\.zip$/i.test(file.name) || /zip/.test(file.type)) {
		await app.list.importFiles([file]);
		return toldOf(app);
	}
	return takeText(app, file);
}

/** Where the list of conversations lies in a drawer, what came of an import would not be seen. */
async function toldOf({ list }: App): Promise<string | null> {
	if (!list.report || matchMedia('(width > 1180px)').matches) return null;
	const { headlineOf, outcomeOf } = await import('../chat/exchange/report.ts');
	const more = outcomeOf(list.report) === 'whole' ? '' : ' The list of conversations says why.';
	return headlineOf(list.report) + more;
}

async function takeImage(app: App, file: File): Promise<string | null> {
	const { session } = app;
	if (session.draftImages.length >= MAX_IMAGES)
		return `${file.name}: one message holds ${MAX_IMAGES} images.`;
	try {
		const image = await prepareImage(file, file.name);
		session.draftImages = [...session.draftImages, image];
		return null;
	} catch (thrown) {
		if (!(thrown instanceof ImageError)) throw thrown;
		return thrown.message;
	}
}

/** Any JSON may be a prompt; only what is recognized as an export is imported. Its size is looked at before it is read. */
async function takeText(app: App, file: File): Promise<string | null> {
	const { importIfKnown, ImportError, MAX_FILE_BYTES } = await import('../chat/exchange/import.ts');
	const named = MAY_BE_EXPORT.test(file.name) || file.type === 'application/json';
	const maybeExport = named && /^\uFEFF?\s*[[{]/.test(await file.slice(0, 64).text());
	if (file.size > (maybeExport ? MAX_FILE_BYTES : MAX_PROMPT_BYTES))
		return `${file.name} is too long to be a message.`;
	const text = await textOf(file);
	if (text === null) return refusalOf(file);
	if (maybeExport) {
		try {
			const known = importIfKnown(text);
			if (known) {
				await app.list.add(file.name, known);
				return toldOf(app);
			}
		} catch (thrown) {
			if (!(thrown instanceof ImportError)) throw thrown;
			return `${file.name}: ${thrown.message}`;
		}
	}
	if (file.size > MAX_PROMPT_BYTES) return `${file.name} is too long to be a message.`;
	const { session } = app;
	const before = session.draft.trimEnd();
	const added = text.replace(/\r\n?/g, '\n');
	session.draft = before === '' ? added : `${before}\n\n${added}`;
	return null;
}

/** What decodes as UTF-8 and holds no NUL is text, whatever its name or type says; null: it is none. */
async function textOf(file: Blob): Promise<string | null> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	if (bytes.includes(0)) return null;
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return null;
	}
}

/** Whether a large file is worth reading: its first bytes are text. */
async function begunAsText(file: Blob): Promise<boolean> {
	const head = new Uint8Array(await file.slice(0, 512).arrayBuffer());
	if (head.length === 0 || head.includes(0)) return false;
	try {
		new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
		return true;
	} catch {
		return false;
	}
}

async function refusalOf(file: File): Promise<string> {
	const head = new Uint8Array(await file.slice(0, 5).arrayBuffer());
	return String.fromCharCode(...head) === '%PDF-'
		? `${file.name} is a PDF. Copy its text and paste it here.`
		: `${file.name} is neither an image nor a text.`;
}
