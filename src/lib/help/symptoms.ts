import { MODEL_HOSTS } from '../network/policy.ts';
import { SYMPTOMS, type Symptom } from '../ui/help-anchors.ts';
import type { HelpSection, HelpTarget } from './sections.ts';

interface Help {
	title: string;
	/** What it means. */
	means: string;
	/** What to do, the likeliest first. */
	try: readonly string[];
	links?: readonly { to: HelpTarget; text: string }[];
}

const DOWNLOADS = { to: '/models', text: 'Downloads, on the Models page' } as const;
const SMALLER = 'Choose a smaller quantization, a smaller context window or a smaller family.';

const HELP: Readonly<Record<Symptom, Help>> = {
	'no-gpu': {
		title: 'No WebGPU, or no GPU found',
		means:
			'The browser has no WebGPU, does not offer it on this address, or found no GPU that it may use. After a GPU has crashed several times, the browser keeps it off until it is restarted.',
		try: [
			'Use a current Chrome or Edge, Safari 26 or newer, or Firefox 147 or newer on Windows or Apple silicon, and open the page over https.',
			'Close every window of the browser and open it again.',
			'Turn on graphics acceleration in the browser’s settings. “chrome://gpu” says in its first lines why WebGPU is off.',
			'Update the graphics driver. On Linux, WebGPU needs a working Vulkan driver.'
		]
	},
	unsupported: {
		title: 'The GPU or the engine lacks something the model needs',
		means:
			'Most often 16-bit shaders (shader-f16), which older GPUs do not have; or the model’s library was compiled for another version of the engine.',
		try: [
			'Choose a quantization with f32 in its name: it needs no 16-bit shaders.',
			'If the library does not match the engine, choose another family. It can be loaded again once both match.'
		],
		links: [{ to: '/models', text: 'Filter the models by what runs here' }]
	},
	blocked: {
		title: 'A model is blocked, although I think it fits',
		means:
			'By the plan it would take more of the GPU than the threshold allows, or a single buffer would be larger than the GPU can bind. The sentence below the button says which.',
		try: [
			'Set the GPU memory: without it the page assumes a careful figure.',
			'If it is an estimate, press “Check exactly”: the exact plan is often smaller.',
			SMALLER,
			'“Load it anyway”, the last of the offers, tries it once without changing a setting. If such loads work, the settings suggest a higher threshold.'
		],
		links: [{ to: '/advise', text: 'Which GPU would run it' }]
	},
	'out-of-memory': {
		title: 'The GPU ran out of memory',
		means:
			'Other programs held more of the GPU than was reserved for them, or the GPU has less memory than the budget says. The browser does not tell what is free.',
		try: [
			'Close other programs that use the GPU: games, video calls, editors, tabs with 3D or video.',
			SMALLER,
			'Compare with the system’s own tool: Task Manager (Windows), Activity Monitor (Mac), nvidia-smi or amdgpu_top (Linux).',
			'Raise “Reserved for other programs” in the settings, or take the lower threshold that is suggested there.'
		]
	},
	'computer-memory': {
		title: 'The tab or the engine crashed while loading',
		means:
			'While a model is loaded, its largest tensor passes through the computer’s memory, at about four times its size. On a computer with little memory the system then ends the tab. This is not the GPU’s memory.',
		try: [
			'Close other programs and tabs, then load it again.',
			'Choose a smaller quantization or family: the panel says beforehand how much of the computer’s memory loading takes.',
			'If the engine’s heap is too small for the largest tensor, only another variant helps.'
		]
	},
	'gpu-lost': {
		title: 'The connection to the GPU was lost, or the GPU reported an error',
		means:
			'The driver was reset, the computer slept, a laptop changed its GPU, or a calculation took too long. The page loads the model again by itself once; your conversation is kept.',
		try: [
			'Load it again.',
			'If it happens again, choose something smaller, and update the graphics driver.',
			'If no model loads any more, close every window of the browser and open it again: after several crashes it keeps the GPU off.'
		]
	},
	slow: {
		title: 'Answers are slow, or slower than they used to be',
		means:
			'Each token reads all of the weights once, so speed goes with the GPU’s memory bandwidth and with the bytes of the model. Long conversations are slower. A GPU that is hot, on battery, or out of memory slows down.',
		try: [
			'“Software rendering” in the page means that no GPU is in use: turn on graphics acceleration in the browser.',
			'On a laptop, plug it in, and let the browser use the faster GPU (Windows: Settings, System, Display, Graphics).',
			SMALLER,
			'Measure: the page shows speed with its spread, and what is doubtful about it.'
		],
		links: [{ to: '/measure', text: 'Measure speed' }]
	},
	download: {
		title: 'A download fails, or a file is broken',
		means:
			'The connection broke, the host refused the file or does not have it, or what arrived is not what its checksum says. Complete files are kept, and broken ones are deleted.',
		try: [
			'Try again: only what is missing is downloaded.',
			`Check that “Offline mode” is off in the settings, and that no filter blocks ${MODEL_HOSTS.join(', ')}.`,
			'If the same file is broken again, its host serves a different one: choose another variant.'
		],
		links: [DOWNLOADS]
	},
	licence: {
		title: 'The model needs a licence that you accept first',
		means:
			'Its hub gives the files only to people who are signed in and have accepted the licence. This page cannot sign in, but it can send a read token of your account.',
		try: [
			'Accept the licence on the page that the message names.',
			'Create a token there that may only read, and enter it below the message, or on the Models page under “Add a model”.'
		]
	},
	'disk-full': {
		title: 'The browser’s storage is full',
		means:
			'Browsers give each site a share of the free disk, and a private window very little of it.',
		try: [
			'Delete downloads that you no longer use.',
			'Free some of the disk: the share grows with it.',
			'Leave the private window.'
		],
		links: [DOWNLOADS]
	},
	'files-in-use': {
		title: 'A download cannot be deleted',
		means: 'A tab of this site has the model loaded, or is loading it.',
		try: ['Unload it in every tab, then delete it.'],
		links: [DOWNLOADS]
	},
	'page-part': {
		title: 'A part of the page could not be loaded, or the page made a mistake',
		means:
			'The page is fetched in parts. Without a connection, or while a new version is being published, a part may be missing. Conversations and downloads are kept.',
		try: [
			'Check the connection and reload the page.',
			'If it happens again, “Report a problem” in the model panel shows what happened, as text that holds nothing of your conversations.'
		]
	},
	engine: {
		title: 'The engine failed or stopped answering',
		means:
			'Something went wrong inside the engine that has no more exact name. Each load starts a fresh engine.',
		try: [
			'Load the model again.',
			'If it fails again, choose another variant, and run the self-test below: it tells whether the device or the model is the reason.'
		]
	},
	cancelled: {
		title: 'A load or a download was cancelled',
		means: 'You, another tab or another load ended it. Complete files stay on disk.',
		try: ['Load it again at any time.']
	},
	'nothing-loaded': {
		title: 'No model is loaded',
		means: 'It was unloaded by you, after a time without use, or after a failure.',
		try: [
			'Press “Load” in the model panel, or send a message: it loads what is chosen.',
			'“Unload after” in the settings says when an unused model is unloaded.'
		]
	},
	'queue-full': {
		title: 'Too many messages wait',
		means: 'The queue of questions is bounded, so that nothing is lost unnoticed.',
		try: ['Cancel some of them in the model panel, or wait for the next answer.']
	},
	'context-full': {
		title: 'The conversation is too long for the context window',
		means:
			'Questions, answers and the system prompt have to fit into the window together, with room for the answer.',
		try: [
			'Choose a larger window and load the model again, if it fits.',
			'Start a new conversation, or leave out earlier messages where the page offers it.'
		]
	},
	nonsense: {
		title: 'Answers are nonsense, or none can be computed',
		means:
			'The probabilities of the next token were not numbers. That comes from a driver’s fault, from 16-bit overflow, or from a GPU on the edge of its memory.',
		try: [
			'Ask again, then load the model again.',
			'Choose an f32 variant of the same family: it does not overflow in 16 bits.',
			'Run the self-test below: it compares the GPU’s arithmetic with the expected answer.'
		],
		links: [{ to: '/compare', text: 'Compare the answers of several quantizations' }]
	},
	json: {
		title: 'The JSON Schema cannot be used',
		means: 'An answer can be held to a schema only where the engine understands all of it.',
		try: ['Correct it under “System prompt and sampling”, or choose another response format.']
	},
	'cpu-sampling': {
		title: 'Tokens cannot be chosen on the CPU',
		means:
			'Choosing tokens on the CPU saves GPU memory, and depends on details of the engine that this version does not have.',
		try: ['Set “Sampling on the CPU” to “Never” in the settings, then load the model again.']
	},
	'other-tab': {
		title: 'Another tab uses the GPU',
		means:
			'One tab of this site at a time holds a model, since two would share one GPU’s memory. The other tab keeps its conversation.',
		try: ['Press “Use it here”: the other tab releases the model. Or unload it there.']
	},
	'own-server': {
		title: 'My own server does not answer',
		means:
			'The server is not running, its address is wrong, or it does not let this page in (CORS). A page over https can reach a server without https only on this computer.',
		try: [
			'Press “Test” beside the server in the settings: it says in words what is wrong, and which setting of the server lets this page in.',
			'Check that “Offline mode” is off.'
		]
	}
};

/** One section for each symptom that a failure can lead to. */
export const symptomSections: readonly Omit<HelpSection, 'symptom'>[] = SYMPTOMS.map((id) => {
	const { title, means, try: items, links } = HELP[id];
	return {
		id,
		title,
		blocks: [
			{ kind: 'text', text: means },
			{ kind: 'list', items },
			...(links ? [{ kind: 'links' as const, links }] : [])
		]
	};
});
