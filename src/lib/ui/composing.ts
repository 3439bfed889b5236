/** What browsers report as the key of a key press that an input method takes. */
const PROCESSED_BY_INPUT_METHOD = 229;

/**
 * Whether a key press belongs to a conversion under way (IME), which it confirms or cancels: no shortcut may act on it.
 * Safari ends the composition before it reports the Enter that confirmed it, so the key code must be asked, too.
 */
export const composing = ({ isComposing, keyCode }: KeyboardEvent): boolean =>
	isComposing || keyCode === PROCESSED_BY_INPUT_METHOD;
