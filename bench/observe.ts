/** What pages/observe.ts sees of a page for whoever measures it. */

export interface AnswerSeen {
	/** From the first text shown to the last. */
	streamMs: number;
	/** From the call to the first text. */
	firstTextMs: number;
	tokens: number;
	/** What the page says in the answer's footer. */
	saidTokensPerSecond: number;
	chars: number;
}

export interface LongFrame {
	durationMs: number;
	blockingMs: number;
	scripts: string[];
}

export interface Observe {
	/** The next answer, until its footer with the figures is there. */
	answer(): Promise<AnswerSeen>;
	/** Clicks the button of that name: milliseconds until the first text of the next answer. */
	firstText(name: string): Promise<number>;
	/** Clicks the button of that name and waits for an element: milliseconds, until laid out. */
	click(name: string, until: string): Promise<number>;
	/** Chooses a variant in the dropdown and waits for its exact plan: milliseconds. */
	choose(id: string): Promise<number>;
	/** Opens a conversation from the list: milliseconds until its last message is laid out, and until all are. */
	open(id: string, messages: number): Promise<{ endMs: number; wholeMs: number }>;
	/** From when the page first opened the database of conversations until rows of the list are laid out: milliseconds. */
	firstList: Promise<number>;
	/** Waits for another tab to change a conversation: milliseconds from hearing of it until its title is in the list. */
	listed(title: string): Promise<number>;
	/** Types as soon as there is a composer: the page's time in milliseconds when it was typed, once
	 * it was seen that it can be sent. */
	accepts(): Promise<number>;
	/** Types a query at once and waits for what it finds: milliseconds. */
	search(query: string): Promise<number>;
	/** Milliseconds from `act` until the predicate holds; looked at after every change of the document. */
	until(done: () => boolean, act?: () => void): Promise<number>;
	/** What the page tells of the load that was clicked last, which may be a moment after it says so itself. */
	loaded(): Promise<unknown>;
	longTasksMs: number[];
	longFrames: LongFrame[];
}

declare global {
	interface Window {
		observe: Observe;
	}
}
