import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';

/** No model holds more; a file that says so is damaged. */
export const MOST_WINDOW = 2 ** 20;

/** Tokens at most for a variant; where no one says, what its record asks for. */
export function maxContextWindow(variant: Variant, facts: Facts | null): number {
	const most =
		facts?.config?.maxContextWindow ??
		variant.maxContextWindow ??
		Math.max(variant.defaultContextWindow, variant.declaredContextWindow);
	return Math.min(MOST_WINDOW, most);
}
