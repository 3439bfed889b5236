/** What can be imported, for the person who picks a file; the readers are loaded with the first one. */
export const FORMAT_NAMES = [
	'ChatGPT',
	'Headroom',
	'Jan',
	'llama.cpp',
	'LM Studio',
	'Open WebUI',
	'Page Assist',
	'web-llm-chat',
	'a list of messages'
] as const;

/** For file pickers. */
export const IMPORT_ACCEPT = '.json,.jsonl,.zip,.txt,application/json,application/zip';
