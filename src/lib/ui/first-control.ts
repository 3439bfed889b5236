const CONTROLS =
	'button, input, select, textarea, summary, a[href], [tabindex]:not([tabindex="-1"])';

/**
 * Where the focus goes in a dialog that opens: to what is marked with `data-first`, because a person types there or
 * came for it, else to the first control other than `except`; null if there is none.
 */
export function firstControl(within: HTMLElement, except: Element): HTMLElement | null {
	const marked = within.querySelector<HTMLElement>('[data-first]');
	if (marked) return marked;
	const controls = [...within.querySelectorAll<HTMLElement>(CONTROLS)];
	return (
		controls.find(
			(control) => control !== except && !control.matches(':disabled') && control.checkVisibility()
		) ?? null
	);
}
