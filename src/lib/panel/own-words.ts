import type { OwnModel } from '#plan/own/own-model.ts';
import { ownerOf } from '#plan/own/own-model.ts';

/** Where a model and its library come from, in a line. */
export function whence({ source, library }: OwnModel): string {
	const from = source.kind === 'folder' ? 'from a folder' : `from ${ownerOf(source)}`;
	const code =
		library.kind === 'catalog'
			? `library of ${library.variantId}`
			: `library from a stranger: ${new URL(library.url).host}, SHA-256 ${library.sha256.slice(0, 12)}…`;
	return `${from} · ${code}`;
}
