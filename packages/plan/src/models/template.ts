import * as v from 'valibot';

/** How a model is told who speaks: `conv_template` of `mlc-chat-config.json`, as WebLLM 0.2.86 reads it. */
export const templateSchema = v.object({
	system_template: v.string(),
	system_message: v.string(),
	render_empty_system_message: v.nullish(v.boolean()),
	system_prefix_token_ids: v.nullish(v.array(v.number())),
	add_role_after_system_message: v.nullish(v.boolean()),
	roles: v.object({ user: v.string(), assistant: v.string() }),
	role_templates: v.nullish(
		v.object({ user: v.nullish(v.string()), assistant: v.nullish(v.string()) })
	),
	role_content_sep: v.nullish(v.string()),
	role_empty_sep: v.nullish(v.string()),
	seps: v.pipe(v.array(v.string()), v.nonEmpty('at least one separator')),
	stop_str: v.array(v.string()),
	stop_token_ids: v.array(v.number())
});

export type ChatTemplate = v.InferOutput<typeof templateSchema>;

export interface PromptTurn {
	role: 'user' | 'assistant';
	text: string;
	/** Images are given to the model before the text, as tokens of their own. Default: 0. */
	images?: number;
}

/** The separator that WebLLM takes where the template names none. */
const NO_SEPARATOR = ': ';
const PLACEHOLDERS = {
	system: '{system_message}',
	user: '{user_message}',
	assistant: '{assistant_message}',
	function: '{function_string}'
} as const;

/** What the template ends a prompt with, for the model to go on from. */
export const replyHeaderOf = ({ roles, role_empty_sep }: ChatTemplate): string =>
	roles.assistant + (role_empty_sep ?? NO_SEPARATOR);

/** What a model that thinks is given in place of a thought when it is told not to think. */
const NO_THOUGHT = '<think>\n\n</think>\n\n';

/**
 * A prompt in the pieces that the engine turns into tokens one by one (WebLLM's `getPromptArray`): tokens never reach from
 * one piece into the next. An empty `system` is the template's own. `thinks`: false where the model is told not to.
 */
export function promptPieces(
	template: ChatTemplate,
	system: string,
	turns: readonly PromptTurn[],
	{ thinks = true }: { thinks?: boolean } = {}
): string[] {
	const { roles, seps } = template;
	const separator = template.role_content_sep ?? NO_SEPARATOR;
	const first = systemPiece(template, system);
	const pieces = turns.flatMap(({ role, text, images = 0 }, index) => {
		const bare = template.add_role_after_system_message === false && first !== '' && index === 0;
		const header = bare ? '' : roles[role] + separator;
		const body = bodyOf(template, role, text) + (seps[index % seps.length] ?? '');
		return images > 0 ? [header, body] : [header + body];
	});
	const reply = thinks ? replyHeaderOf(template) : roles.assistant + separator + NO_THOUGHT;
	return [...(first === '' ? [] : [first]), ...pieces, reply];
}

function systemPiece(template: ChatTemplate, system: string): string {
	const message = system === '' ? template.system_message : system;
	if (message === '' && template.render_empty_system_message === false) return '';
	return template.system_template.replace(PLACEHOLDERS.system, message);
}

function bodyOf(template: ChatTemplate, role: PromptTurn['role'], text: string): string {
	const around = template.role_templates?.[role];
	if (around == null) return text;
	// As WebLLM does it: `$` in the text has the meaning that `replace` gives it.
	return around.replace(PLACEHOLDERS[role], text).replace(PLACEHOLDERS.function, '');
}
