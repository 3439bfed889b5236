import { ARABIC } from './arabic.fixture.ts';
import { CHINESE } from './chinese.fixture.ts';
import { HEBREW } from './hebrew.fixture.ts';
import { HINDI } from './hindi.fixture.ts';
import { JAPANESE } from './japanese.fixture.ts';
import { KOREAN } from './korean.fixture.ts';
import { PERSIAN } from './persian.fixture.ts';
import { THAI } from './thai.fixture.ts';

/** An answer as models write them, and what must be read in it. A list that is left out is empty. */
export interface Answer {
	about: string;
	text: string;
	/** The words in strong emphasis, in order; code in them in backticks. */
	bold?: string[];
	italic?: string[];
	struck?: string[];
	/** Destinations. */
	links?: string[];
	/** Sources. */
	formulas?: string[];
	/** How many lists there are at the top, where markers are unusual. */
	lists?: number;
	/** Of a right-to-left answer: the blocks at the top that are not. */
	leftToRight?: number[];
}

export const ANSWERS: Record<string, { direction: 'ltr' | 'rtl'; answers: Answer[] }> = {
	Chinese: { direction: 'ltr', answers: CHINESE },
	Japanese: { direction: 'ltr', answers: JAPANESE },
	Korean: { direction: 'ltr', answers: KOREAN },
	Arabic: { direction: 'rtl', answers: ARABIC },
	Hebrew: { direction: 'rtl', answers: HEBREW },
	Persian: { direction: 'rtl', answers: PERSIAN },
	Hindi: { direction: 'ltr', answers: HINDI },
	Thai: { direction: 'ltr', answers: THAI }
};
