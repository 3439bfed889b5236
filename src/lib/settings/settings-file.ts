import { parsePolicy, type Policy } from '#plan/adapt/policy.ts';
import { isRecord } from '../kit/restore.ts';
import { StorageError } from '../kit/storage-error.ts';
import { parseSettings, type Settings } from './settings.svelte.ts';

export const MAX_SETTINGS_FILE_CHARS = 25_000_000;

const MAX_PROPOSED = 100;

/**
 * All settings as the text of one file, with the policy of automatic swaps where it is known. `models`: addresses of own
 * models, which another browser may look at.
 */
export function exportSettings(
	settings: Settings,
	policy?: Policy,
	models: readonly string[] = []
): string {
	return JSON.stringify(
		{
			format: 'headroom-settings',
			version: 1,
			settings,
			policy,
			...(models.length > 0 && { models })
		},
		null,
		'\t'
	);
}

/** The addresses of models in a file that `importSettings` has taken. Proposals: whoever wrote it is not trusted. */
export function proposedModels(text: string): string[] {
	const raw: unknown = JSON.parse(text);
	const models: unknown[] = isRecord(raw) && Array.isArray(raw.models) ? raw.models : [];
	return models.filter((each) => typeof each === 'string').slice(0, MAX_PROPOSED);
}

export interface ImportedSettings {
	settings: Settings;
	/** null: the file has none, as those of earlier versions. */
	policy: Policy | null;
	/** Its policy loads by itself, which a person alone may switch on: `policy` does not. */
	tamed: boolean;
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
	const policy = isRecord(raw.policy) ? parsePolicy(raw.policy) : null;
	const mode = policy?.mode === 'automatic' ? 'suggest' : policy?.mode;
	return {
		// To delete or load without asking is allowed by a person alone, by no file.
		settings: { ...parseSettings(raw.settings), diskCleanUp: false },
		policy: policy && { ...policy, mode: mode ?? policy.mode, pin: null },
		tamed: policy !== null && (policy.mode === 'automatic' || policy.pin !== null)
	};
}
