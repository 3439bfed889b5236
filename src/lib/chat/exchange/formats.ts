import { isRecord } from '../../kit/restore.ts';
import { chatGpt } from './chatgpt.ts';
import { EXPORT_FORMAT, EXPORT_VERSION } from './export.ts';
import { listOf, UNUSABLE, type ForeignFormat } from './foreign.ts';
import { jan } from './jan.ts';
import { llamaCpp } from './llama-cpp.ts';
import { lmStudio } from './lm-studio.ts';
import { messageList } from './message-list.ts';
import { openWebUi } from './open-webui.ts';
import { pageAssist } from './page-assist.ts';
import { webLlmChat } from './web-llm-chat.ts';

export const headroom: ForeignFormat = {
	name: 'Headroom',
	recognizes: (file) => isRecord(file) && file.format === EXPORT_FORMAT,
	read: (file) =>
		listOf(isRecord(file) ? file.conversations : []).map((record) =>
			isRecord(record) ? { record, left: [] } : { ...UNUSABLE, record: { version: EXPORT_VERSION } }
		)
};

/** The first that recognizes a file reads it: the most particular first. */
export const FORMATS: readonly ForeignFormat[] = [
	headroom,
	llamaCpp,
	jan,
	chatGpt,
	lmStudio,
	pageAssist,
	openWebUi,
	webLlmChat,
	messageList
];
