import type { Mode } from '#plan/adapt/pace.ts';
import type { Priority } from '#plan/memory/choice.ts';
import type { FLOORS } from '#plan/adapt/wishes.ts';

export const MODE_WORDS: Readonly<Record<Mode, string>> = {
	off: 'Off: only I change the model',
	suggest: 'Suggest: say what would be better, and let me decide',
	automatic: 'Automatic: swap between answers'
};

export const PRIORITY_WORDS: Readonly<Record<Priority, string>> = {
	quality: 'Quality: stays finer for longer under load',
	balanced: 'Balanced: as the matrix says',
	speed: 'Speed: goes coarser earlier under load'
};

export const FLOOR_WORDS: Readonly<Record<(typeof FLOORS)[number], string>> = {
	q3f16_1: '3 bits (q3f16_1)',
	q4f16_1: '4 bits (q4f16_1)',
	q4f32_1: '4 bits, 32-bit compute (q4f32_1)',
	q0f16: '16 bits (q0f16)',
	q0f32: '32 bits (q0f32)'
};

/** What decides nothing here, because no page can know it. */
export const UNKNOWN_TO_PAGE = [
	'How much GPU memory is free: browsers do not tell. The share above is what this page holds of the budget.',
	'What other programs take of the GPU. Reserve memory for them in the settings.',
	'The temperature and clock of the GPU. It shows as falling speed at the same context length, which counts.',
	'How busy the GPU is. Where the browser tells how busy the processor is, the log notes it; it decides nothing.'
];
