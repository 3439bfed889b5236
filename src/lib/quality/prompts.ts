/** What a prompt asks for; quantizations can differ in one and agree in another. */
export const KINDS = [
	'prose',
	'code',
	'arithmetic',
	'instructions',
	'lists',
	'language',
	'own'
] as const;
export type PromptKind = (typeof KINDS)[number];

export interface Prompt {
	kind: PromptKind;
	text: string;
}

/** Tokens of an answer at most. */
export const ANSWER_TOKENS = 64;

/** Longer texts of the person's own are refused: they would need another context window than the set. */
export const MOST_OWN_CHARACTERS = 2000;

const SET_VERSION = 1;

const texts: Record<Exclude<PromptKind, 'own'>, readonly string[]> = {
	prose: [
		'Write a short paragraph about a harbour early in the morning.',
		'Describe an old library to somebody who has never been inside one.',
		'Tell the beginning of a story about a clockmaker who loses his sense of time.',
		'Explain to a child why the sky is dark at night.'
	],
	code: [
		'Write a JavaScript function that returns the median of an array of numbers.',
		'Write a Python function that reverses the words of a sentence, with a docstring.',
		'Write an SQL query that lists the five customers with the most orders, and explain it.',
		'Show a loop in C that prints the first ten Fibonacci numbers.'
	],
	arithmetic: [
		'A train covers 180 km in two hours and a quarter. Work out its mean speed step by step.',
		'What is 47 times 36? Show every step.',
		'A shop takes 15% off a price of 80, then adds 20% tax. Work out the final price step by step.',
		'List the first twelve square numbers and add them up.'
	],
	instructions: [
		'Give numbered steps for repotting a house plant.',
		'How do I change the inner tube of a bicycle? Answer in numbered steps.',
		'Explain how to write a polite letter of complaint, and give an example.',
		'How do I make a cup of tea for four people? Be exact about amounts and times.'
	],
	lists: [
		'List ten European capitals with their countries, one per line.',
		'Return a JSON array of four fruits, each with the fields "name", "colour" and "grams".',
		'Make a Markdown table of the planets with their order and one fact each.',
		'List the months of the year with the number of days in each, as JSON.'
	],
	language: [
		'Beschreibe in einigen Sätzen, wie ein Regenbogen entsteht.',
		'Explique en quelques phrases pourquoi les feuilles tombent en automne.',
		'Escribe un párrafo breve sobre un mercado en un día de lluvia.',
		'Racconta in poche frasi come si prepara il pane.'
	]
};

/** Written for this project: six kinds, as many of each, in turns, so that a part of them is a sample of all. */
export const PROMPTS: readonly Prompt[] = [0, 1, 2, 3].flatMap((i) =>
	Object.entries(texts).map(([kind, of]) => ({
		kind: kind as PromptKind,
		text: of[i] as string
	}))
);

export type OwnPrompt = { prompt: Prompt } | { problem: string };

/** A prompt of the person's own. */
export function ownPrompt(typed: string): OwnPrompt {
	const text = typed.trim();
	if (text === '') return { problem: 'Enter a question first.' };
	if (text.length > MOST_OWN_CHARACTERS)
		return { problem: `Shorten the question to at most ${MOST_OWN_CHARACTERS} characters.` };
	return { prompt: { kind: 'own', text } };
}

/** Tells sets apart: results of different sets must not be compared. Says nothing about the texts themselves. */
export function setId(prompts: readonly Prompt[]): string {
	const own = prompts.filter(({ kind }) => kind === 'own');
	const base = `v${SET_VERSION}-${prompts.length - own.length}x${ANSWER_TOKENS}`;
	return own.length === 0 ? base : `${base}+${hash(own.map(({ text }) => text).join('\n\n'))}`;
}

/** FNV-1a, 32 bits. */
function hash(text: string): string {
	let h = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
	return (h >>> 0).toString(16).padStart(8, '0');
}
