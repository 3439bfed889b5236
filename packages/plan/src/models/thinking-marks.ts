/** How a model sets its thoughts apart from its answer. Case does not matter: fine-tunes vary it. */
export interface ThinkingMarks {
	open: readonly string[];
	close: readonly string[];
	/** Those that end a thought even where none was opened: the opening one may stand in the prompt. */
	bare: readonly string[];
	/** What may stand between two thoughts and say nothing. */
	between: readonly string[];
	/** Begins the answer, and so ends a thought too. */
	answer: readonly string[];
	/** Ends the answer. */
	end: readonly string[];
}

function pair(open: string, close: string): ThinkingMarks {
	return { open: [open], close: [close], bare: [close], between: [], answer: [], end: [] };
}

const think = pair('<think>', '</think>');
const mistral = pair('[THINK]', '[/THINK]');
/** https://github.com/openai/harmony, docs/format.md. `<|end|>` alone also ends the turns of Phi. */
const harmony: ThinkingMarks = {
	open: ['<|channel|>analysis<|message|>', '<|channel|>commentary<|message|>'],
	close: ['<|end|>'],
	bare: ['<|end|><|start|>assistant', '<|channel|>final<|message|>'],
	between: ['<|start|>assistant'],
	answer: ['<|channel|>final<|message|>'],
	end: ['<|return|>', '<|end|>']
};

/** All that are known: a fine-tune writes the marks of the model it was taught by. */
export const THINKING_MARKS: readonly ThinkingMarks[] = [
	think,
	mistral,
	harmony,
	pair('<thinking>', '</thinking>'),
	pair('<thought>', '</thought>'),
	pair('<reasoning>', '</reasoning>'),
	pair('<reason>', '</reason>'),
	pair('<seed:think>', '</seed:think>'),
	// Gemma 4
	pair('<|channel>thought', '<channel|>'),
	// Kimi
	pair('◁think▷', '◁/think▷'),
	// Cohere's Command
	{
		...pair('<|START_THINKING|>', '<|END_THINKING|>'),
		answer: ['<|START_RESPONSE|>'],
		end: ['<|END_RESPONSE|>']
	},
	// OpenThinker, Sky-T1
	{
		...pair('<|begin_of_thought|>', '<|end_of_thought|>'),
		answer: ['<|begin_of_solution|>'],
		end: ['<|end_of_solution|>']
	}
];

export interface FamilyThinking {
	marks: ThinkingMarks;
	/**
	 * It answers at once when its reply begins with `<think>\n\n</think>`, which is what WebLLM (0.2.86) writes for
	 * every model when thinking is switched off. Others take that for a text of theirs.
	 */
	switchable: boolean;
}

const FAMILIES: readonly (readonly [RegExp, FamilyThinking | null])[] = [
	[/^qwen3(\.\d+)?-.*instruct/i, null],
	[/^qwen3(\.\d+)?-.*thinking/i, { marks: think, switchable: false }],
	[/^qwen3(\.\d+)?-/i, { marks: think, switchable: true }],
	[/deepseek-r1/i, { marks: think, switchable: false }],
	[/magistral|ministral-.*reasoning/i, { marks: mistral, switchable: false }],
	[/gpt-oss/i, { marks: harmony, switchable: false }],
	[/reasoning|thinking/i, { marks: think, switchable: false }]
];

/** How a family thinks, by its id; null: it answers at once, or nothing is known of it. */
export function thinkingOf(familyId: string): FamilyThinking | null {
	return FAMILIES.find(([id]) => id.test(familyId))?.[1] ?? null;
}

/** The marks of the thought that a template's reply header opens; null: the reply begins with whatever it likes. */
export function openedBy(replyHeader: string): ThinkingMarks | null {
	const header = replyHeader.trimEnd().toLowerCase();
	return (
		THINKING_MARKS.find(({ open }) => open.some((mark) => header.endsWith(mark.toLowerCase()))) ??
		null
	);
}
