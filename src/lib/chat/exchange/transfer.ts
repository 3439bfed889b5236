import type { Lazily } from '../../kit/lazily.ts';
import { download } from '../../ui/download.ts';
import type { Conversation } from '../conversation.ts';
import type { ConversationStore } from '../store/conversations.ts';
import { exportJson, exportMarkdown, fileName } from './export.ts';
import { ImportError, importFile, type Import } from './import.ts';
import { NO_REPORT, withImport, withRefusal, type ImportReport } from './report.ts';

type Store = Pick<Lazily<ConversationStore>, 'add'>;

/** Saves conversations as one file that is named by the title. */
export function saveConversations(
	conversations: readonly Conversation[],
	title: string,
	format: 'json' | 'md'
) {
	const text = (format === 'json' ? exportJson : exportMarkdown)(conversations);
	download(fileName(title, format), text, format === 'json' ? 'application/json' : 'text/markdown');
}

/** Adds the conversations of exported files, and says what became of each file. */
export async function addFiles(store: Store, files: readonly File[]): Promise<ImportReport> {
	let report = NO_REPORT;
	for (const file of files) report = await added(report, store, file.name, () => importFile(file));
	return report;
}

/** The same, of a file that was read already. */
export const addImport = (store: Store, name: string, read: Import): Promise<ImportReport> =>
	added(NO_REPORT, store, name, () => Promise.resolve(read));

/** Saves records as they were found. */
export const saveRecords = (records: readonly unknown[]) =>
	download('headroom-set-aside.json', JSON.stringify(records, null, '\t'), 'application/json');

/** All of a file's conversations are added, or none. */
async function added(
	report: ImportReport,
	store: Store,
	name: string,
	read: () => Promise<Import>
): Promise<ImportReport> {
	try {
		const found = await read();
		await store.add(found.conversations);
		return withImport(report, found);
	} catch (thrown) {
		return withRefusal(report, name, reasonOf(thrown));
	}
}

const reasonOf = (thrown: unknown): string =>
	thrown instanceof ImportError
		? `${thrown.message} Expected ${thrown.detail.expected}, found ${thrown.detail.found}.`
		: thrown instanceof Error
			? thrown.message
			: String(thrown);
