import type { Server, ServerKind } from './record.ts';
import type { Finding } from './probe.ts';

export const KIND_NAMES: Readonly<Record<ServerKind, string>> = {
	'llama.cpp': 'llama.cpp (llama-server)',
	vllm: 'vLLM',
	ollama: 'Ollama',
	'lm-studio': 'LM Studio',
	other: 'Other'
};

/** Where each kind listens unless told otherwise. */
export const USUAL_ADDRESS: Readonly<Record<ServerKind, string>> = {
	'llama.cpp': 'http://127.0.0.1:8080',
	vllm: 'http://127.0.0.1:8000',
	ollama: 'http://127.0.0.1:11434',
	'lm-studio': 'http://127.0.0.1:1234',
	other: 'http://127.0.0.1:8080'
};

export interface Said {
	good: boolean;
	text: string;
	/** A command or setting to copy. */
	copy: string | null;
}

/** What lets pages at `origin` read the answers of a server of this kind. */
export function corsSetting(kind: ServerKind, origin: string): { how: string; copy: string } {
	switch (kind) {
		case 'llama.cpp':
			return {
				how: 'Start llama-server with exactly this one origin:',
				copy: `--cors-origins ${origin}`
			};
		case 'vllm':
			return { how: 'Start vLLM with:', copy: `--allowed-origins '["${origin}"]'` };
		case 'ollama':
			return { how: 'Set this for Ollama and restart it:', copy: `OLLAMA_ORIGINS=${origin}` };
		case 'lm-studio':
			return {
				how: 'Turn on “Enable CORS” in LM Studio’s server settings, or start the server with:',
				copy: 'lms server start --cors'
			};
		case 'other':
			return {
				how: 'Make the server send this header, and allow the request headers “authorization” and “content-type”:',
				copy: `Access-Control-Allow-Origin: ${origin}`
			};
	}
}

/** The result of a test, in words. `origin`: this page's. */
export function inWords(
	finding: Finding,
	{ kind, model, key }: Pick<Server, 'kind' | 'model' | 'key'>,
	origin: string
): Said {
	const bad = (text: string, copy: string | null = null): Said => ({ good: false, text, copy });
	switch (finding.kind) {
		case 'denied':
			return bad(
				'The browser does not let this page reach your network. Allow “Local network access” in the site settings, beside the address bar, then test again.'
			);
		case 'unreachable':
			return bad('Not reachable: nothing answers at this address. Is the server running there?');
		case 'no-cors': {
			const { how, copy } = corsSetting(kind, origin);
			const also = kind === 'vllm' && key === '' ? ' A missing key looks the same.' : '';
			return bad(
				`Reachable, but it does not let this page read its answers (CORS).${also} ${how}`,
				copy
			);
		}
		case 'key-refused':
			return bad(
				key === ''
					? 'The server asks for a key. Enter it above.'
					: 'The server refused the key. Correct it above.'
			);
		case 'not-a-server':
			return bad(`Something else answers at this address. ${finding.said}`);
		case 'model-missing':
			return bad(
				`The server works, but it does not have the model “${model}”. Choose one from its list.`
			);
		case 'works':
			return {
				good: true,
				text:
					finding.models.length === 1
						? 'Works: 1 model.'
						: `Works: ${finding.models.length} models.`,
				copy: null
			};
	}
}
