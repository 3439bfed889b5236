/** What a screen reader is told without the focus moving; politely, one thing after the other. */
export class Announcer {
	text = $state('');

	say(text: string) {
		// The same words twice would not count as a change.
		this.text = text === this.text ? `${text}\u00a0` : text;
	}
}
