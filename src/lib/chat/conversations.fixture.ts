import fc from 'fast-check';
import {
	append,
	create,
	editAndBranch,
	leaveOut,
	pin,
	removeTurn,
	rename,
	replaceText,
	switchTo,
	type Conversation
} from './conversation.ts';
import { rateAnswer } from './rating.ts';

/** For tests: something a person or a model does. `pick` chooses a message. */
export type Step =
	| { kind: 'ask' | 'answer'; text: string }
	| { kind: 'regenerate' | 'edit' | 'replace'; pick: number; text: string }
	| { kind: 'switch' | 'remove' | 'leave-out' | 'rate'; pick: number }
	| { kind: 'rename'; text: string }
	| { kind: 'pin' };

const text = fc.string({ maxLength: 12 });
const pick = fc.nat();
const keeping = [
	fc.record({ kind: fc.constantFrom('ask', 'answer'), text }),
	fc.record({ kind: fc.constantFrom('regenerate', 'edit', 'replace'), pick, text }),
	fc.record({ kind: fc.constantFrom('switch', 'leave-out', 'rate'), pick })
] as const;

/** Loses nothing. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(...keeping);
/** Also removes turns, renames, pins. */
export const anyChange: fc.Arbitrary<Step> = fc.oneof(
	...keeping,
	fc.record({ kind: fc.constant('remove'), pick }),
	fc.record({ kind: fc.constant('rename'), text }),
	fc.record({ kind: fc.constant('pin') })
);

export function apply(conversation: Conversation, step: Step, now = 0): Conversation {
	const { messages } = conversation;
	const target = 'pick' in step ? messages[step.pick % Math.max(messages.length, 1)] : undefined;
	switch (step.kind) {
		case 'ask':
			return append(conversation, { role: 'user', text: step.text }, now);
		case 'answer':
			return append(conversation, { role: 'assistant', text: step.text }, now);
		case 'regenerate':
			return target
				? append(conversation, { role: 'assistant', text: step.text, parent: target.id }, now)
				: conversation;
		case 'edit':
			return target
				? editAndBranch(conversation, target.id, step.text, undefined, now)
				: conversation;
		case 'replace':
			return target ? replaceText(conversation, target.id, step.text, {}, now) : conversation;
		case 'switch':
			return target ? switchTo(conversation, target.id, now) : conversation;
		case 'leave-out':
			return target ? leaveOut(conversation, [target.id], !target.leftOut, now) : conversation;
		case 'rate':
			return target
				? rateAnswer(
						conversation,
						target.id,
						([null, 'up', 'down'] as const)[step.pick % 3] ?? null,
						now
					)
				: conversation;
		case 'remove':
			return target ? removeTurn(conversation, target.id, now) : conversation;
		case 'rename':
			return rename(conversation, step.text, now);
		case 'pin':
			return pin(conversation, !conversation.pinned, now);
	}
}

export const anyConversation: fc.Arbitrary<Conversation> = fc
	.array(anyStep, { maxLength: 30 })
	.map((steps) => steps.reduce((conversation, step) => apply(conversation, step), create({}, 0)));

export const anyUsedConversation: fc.Arbitrary<Conversation> = fc
	.array(anyChange, { maxLength: 30 })
	.map((steps) => steps.reduce((conversation, step) => apply(conversation, step), create({}, 0)));
