import { parsePolicy, type Policy } from '#plan/adapt/policy.ts';
import { isRecord } from '../kit/restore.ts';
import { StorageError } from '../kit/storage-error.ts';
import { parseSettings, type Settings } from './settings.svelte.ts';

export const MAX_SETTINGS_FILE_CHARS = 25_000_000;

/** All settings as the text of one file, with the policy of automatic swaps where it is known. */
export function exportSettings(settings: Settings, policy?: Policy): string {
	return JSON.stringify({ format: 'headroom-settings', version: 1, settings, policy }, null, '\t');
}

export interface ImportedSettings {
	settings: Settings;
	/** null: the file has none, as those of earlier versions. */
	policy: Policy | null;
}

/** Throws a StorageError when the text is not such a file. */
export function importSettings(text: string): ImportedSettings {
	const expected = 'a settings file exported by this page';
	const refuse = (found: string, cause?: unknown): never => {
		throw new StorageError(
			'unreadable',
			`This is not a settings file: ${found}.`,
			{ expected, found },
			{ cause }
		);
	};
	if (text.length > MAX_SETTINGS_FILE_CHARS) return refuse('too large');
	let raw: unknown;
	try {
		raw = JSON.parse(text);
	} catch (thrown) {
		return refuse('not JSON', thrown);
	}
	if (!isRecord(raw) || raw.format !== 'headroom-settings') return refuse('another format');
	if (raw.version !== 1) {
		throw new StorageError('newer-version', 'A newer version of this page wrote these settings.', {
			expected: 'version 1',
			found: `version ${String(raw.version)}`
		});
	}
	return {
		// To delete without asking is allowed by a person alone, by no file.
		settings: { ...parseSettings(raw.settings), diskCleanUp: false },
		policy: isRecord(raw.policy) ? parsePolicy(raw.policy) : null
	};
}
