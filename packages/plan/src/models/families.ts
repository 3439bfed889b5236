import { thinkingOf } from './thinking-marks.ts';

/** What a family's id tells of it. */
export interface FamilyProfile {
	name: string;
	thinking: boolean;
	parametersBillion: number | null;
}

export function familyProfile(id: string): FamilyProfile {
	return {
		name: readableName(id),
		thinking: thinkingOf(id) !== null,
		parametersBillion: parametersBillion(id)
	};
}

const spelling: Readonly<Record<string, string>> = {
	it: 'Instruct',
	instruct: 'Instruct',
	chat: 'Chat',
	phi: 'Phi',
	gemma: 'Gemma',
	mini: 'Mini',
	vision: 'Vision',
	stablelm: 'StableLM',
	zephyr: 'Zephyr',
	jpn: 'Japanese'
};

/** "gemma-2-2b-it" becomes "Gemma 2 2B Instruct". */
export function readableName(id: string): string {
	return id
		.replace(/(\d)_(\d)/g, '$1.$2')
		.replace(/^gemma(\d)/, 'gemma-$1')
		.split('-')
		.filter((word) => word !== 'hf' && word !== 'BF16')
		.map((word) => spelling[word] ?? word.replace(/^(E?\d+(?:\.\d+)?)([bk])$/, upperUnit))
		.join(' ');
}

const upperUnit = (_: string, figure: string, unit: string) => figure + unit.toUpperCase();

/** From the publishers' model cards, where the name is silent. */
const published: Readonly<Record<string, number>> = {
	'phi-1_5': 1.3,
	'phi-2': 2.7,
	'Phi-3-mini-4k-instruct': 3.8,
	'Phi-3.5-mini-instruct': 3.8,
	'Phi-3.5-vision-instruct': 4.2,
	'Phi-4-mini-instruct': 3.8
};

function parametersBillion(id: string): number | null {
	const match = /(?:^|-)E?(\d+(?:[._]\d+)?)([bBM])(?:-|$)/.exec(id);
	if (!match) return published[id] ?? null;
	const figure = Number(match[1]?.replace('_', '.'));
	return match[2] === 'M' ? figure / 1000 : figure;
}
