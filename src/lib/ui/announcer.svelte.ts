/** What a screen reader is told without the focus moving; politely, one thing after the other. */
export class Announcer {
	text = $state('');
	// Not read back from `text`: an effect that says something must not depend on what was said.
	#last = '';

	say(text: string) {
		// The same words twice would not count as a change.
		this.#last = text === this.#last ? `${text}\u00a0` : text;
		this.text = this.#last;
	}
}
