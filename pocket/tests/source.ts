import { architecture as a, type VariantName, variants } from '../model/architecture.ts';
import { conversation } from '../model/files.ts';
import { Reference } from '../model/reference.ts';
import { loadCheckpoint, loadTokenizer } from '../model/source.ts';
import { decode, encode } from '../model/tokenizer.ts';
import { tensors } from '../model/weights.ts';

const tokenizer = loadTokenizer();
export const ids = (text: string) => encode(tokenizer, text);
/** A stream never delivers an unfinished UTF-8 character at its end. */
export const text = (tokens: readonly number[]) =>
	decode(tokenizer, tokens).replace(/\ufffd+$/, '');

/** The prompt as WebLLM writes it: the opening once, then a turn per question. */
export const opening = conversation.system_template.replace(
	'{system_message}',
	conversation.system_message
);
export const turn = (question: string) =>
	`${conversation.roles.user}${question}${conversation.seps[0]}${conversation.roles.assistant}`;
export const END = 0;

export function referenceOf(name: VariantName): Reference {
	return new Reference(a, variants[name], tensors(a, variants[name], loadCheckpoint()).values);
}

const SENTENCES =
	`A graphics card has its own memory. The weights of a model must fit into it, and so must the
cache that grows with every word of a conversation. Smaller numbers take less room: four bits instead of sixteen. What
is lost is a little precision, and what is won is that the model runs at all. Hello! Can you say why my device was lost?
I think it was too much for it; perhaps I should try another one. Nothing leaves this page, not even one word.
`.replaceAll('\n', ' ');

/** A text of exactly `length` tokens. */
export function promptOf(length: number): string {
	const source = SENTENCES.repeat(Math.ceil(length / 60));
	// Start at different places, so that prompts of similar length differ from their first token on.
	const start = (length * 37) % SENTENCES.length;
	let at = Math.min(start + length, source.length);
	for (; at < source.length; at++) {
		const prompt = source.slice(start, at);
		const n = ids(prompt).length;
		if (n === length) return prompt;
		// A single character more rarely adds more than one token, but may take some away again.
		if (n < length - 20) at += (length - n - 20) >> 1;
	}
	throw new Error(`There is no prompt of ${length} tokens`);
}
