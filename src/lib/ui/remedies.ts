import type { Failure } from '../rpc/failure.ts';

const ANOTHER_ENGINE =
	'Choose another model. This one can be loaded again once its library and this page’s engine match.';

const FRESH_WORKER =
	'Load it again: it starts from a fresh worker. If it happens again, choose something smaller.';

/** What a person can do about a failure: one sentence. */
export function remedyFor({ kind, detail }: Failure): string {
	switch (kind) {
		case 'no-webgpu':
			return 'Open this page in a current Chrome or Edge, over https.';
		case 'no-adapter':
			if (detail.after)
				return 'Reload the page. If that does not help, the browser must be restarted: close every window and open it again; after crashes of the GPU it keeps WebGPU off until then.';
			return 'Restart the browser; if that does not help, look at chrome://gpu for why WebGPU is off.';
		case 'unsupported':
			if (detail.part === 'library') return ANOTHER_ENGINE;
			return 'Choose an f32 quantization of this model, which needs no extra feature.';
		case 'blocked':
			if (detail.reason === 'needs-another-engine') return ANOTHER_ENGINE;
			return 'Choose a smaller quantization, window or model, or set the GPU memory.';
		case 'bad-file':
			if (detail.reason === 'changed')
				return 'Its host may have updated it, or the transfer may have gone wrong. Download it again to use the new one: its memory figures are then read and measured from the start.';
			if (detail.reason === 'added')
				return 'Nothing of it was downloaded. Ask its owner, or look at another revision.';
			if (detail.reason === 'folder')
				return 'Nothing was kept of it. Copy or download the folder once more, then add it again.';
			if (detail.reason === 'replaced')
				return 'Its host has replaced it. Remove it on the Models page, then look at its address again.';
			return 'The broken file was deleted. Try again. If it happens again, the host is serving a different file.';
		case 'network':
			if (detail.cause === 'folder')
				return 'Pick the folder again on the Models page, and copy it again.';
			if (detail.cause === 'refused')
				return 'The host restricts access to this file. Choose another model.';
			return detail.cause === 'missing' || detail.status === 404
				? 'The file is not where the catalogue says. Try again later or choose another variant.'
				: 'Check the connection and try again: complete files stay on disk.';
		case 'gated':
			return `Accept the licence on ${String(detail.page ?? 'the model’s page at the hub')}, then enter a read token of your account there, and try again.`;
		case 'script':
			return 'Check the connection and reload the page. Conversations and downloads are kept.';
		case 'page':
			return 'Reload the page. Conversations and downloads are kept. The report in the panel says what happened.';
		case 'in-use':
			return 'Unload the model in every tab first.';
		case 'quota':
			return 'Delete downloads you no longer need on the Models page, or leave the private window.';
		case 'cancelled':
			return 'Load it again at any time: complete files stay on disk.';
		case 'out-of-memory':
			return 'Close other programs that use the GPU, or choose a smaller quantization or context window.';
		case 'out-of-host-memory':
			return 'Close other programs and tabs, or choose a smaller model.';
		case 'device-lost':
			return 'Load it again; if it happens again, choose something smaller. If no model loads any more, restart the browser.';
		case 'gpu-error':
			return 'Choose another quantization; an up-to-date graphics driver may help too.';
		case 'context-full':
			return 'Choose a larger context window, or start a new conversation.';
		case 'bad-schema':
			return 'Correct it under “System prompt and sampling” below, or choose another response format.';
		case 'bad-logits':
			return 'Ask again; if it happens again, load the model again or choose another quantization.';
		case 'lean-unavailable':
			return 'Set “Sampling on the CPU” to “Never” in the settings, then load it again.';
		case 'queue-full':
			return 'Cancel some of them in the model panel, or wait for the next answer.';
		case 'nothing-loaded':
			return 'Load a model first.';
		case 'worker-died':
			if (detail.exit !== undefined)
				return 'Choose a smaller quantization or model: the largest tensor of this one may be more than the engine’s heap holds.';
			return FRESH_WORKER;
		case 'silent':
			return FRESH_WORKER;
		case 'tab-died':
			return 'It may have been too large for this computer. Load something smaller, or load it again if the cause is gone.';
		case 'elsewhere':
			return 'Use it here: the other tab releases it and keeps its conversation. Or unload it there.';
		case 'taken-over':
			return 'Use it here again at any time: the other tab then releases it.';
		case 'server':
			return String(detail.remedy ?? 'Test the server under “Your own servers” in the settings.');
		case 'engine':
			return 'Load it again. If it fails again, choose another variant.';
	}
}
