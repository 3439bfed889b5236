/** Options that PageUp and PageDown pass over. */
const PAGE = 10;

/**
 * The index of the option that a key leads to from the active one (-1: none is active), or null where the key does not
 * move. The list does not wrap: holding an arrow ends at its end.
 */
export function indexAfter(key: string, active: number, count: number): number | null {
	if (count === 0) return null;
	const within = (index: number) => Math.min(count - 1, Math.max(0, index));
	switch (key) {
		case 'ArrowDown':
			return within(active + 1);
		case 'ArrowUp':
			return active === -1 ? count - 1 : within(active - 1);
		case 'PageDown':
			return within(active + PAGE);
		case 'PageUp':
			return within(active - PAGE);
		case 'Home':
			return 0;
		case 'End':
			return count - 1;
		default:
			return null;
	}
}
