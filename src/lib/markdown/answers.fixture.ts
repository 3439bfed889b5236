import { ARABIC } from './arabic.fixture.ts';
import { CHINESE } from './chinese.fixture.ts';
import { HEBREW } from './hebrew.fixture.ts';
import { HINDI } from './hindi.fixture.ts';
import { JAPANESE } from './japanese.fixture.ts';
import { KOREAN } from './korean.fixture.ts';
import { PERSIAN } from './persian.fixture.ts';
import { THAI } from './thai.fixture.ts';

/** A realistic answer and the constructs that must be found in it. An omitted list is empty. */
export interface Answer {
	about: string;
	text: string;
	/** The words in strong emphasis, in order; code keeps its backticks. */
	bold?: string[];
	italic?: string[];
	struck?: string[];
	/** Destinations. */
	links?: string[];
	/** Sources. */
	formulas?: string[];
	/** Number of top-level lists, where markers are unusual. */
	lists?: number;
	/** Indexes of the top-level blocks of a right-to-left answer that are left-to-right. */
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
