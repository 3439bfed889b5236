import { createParser, type EventSourceParser } from 'eventsource-parser';
import type { GenerateResult } from '../engine/protocol.ts';
import { asFailure, Failure } from '../rpc/failure.ts';
import { parsePiece, type Piece, type Usage } from './wire.ts';

/** More in one event is no piece of an answer. */
const MAX_EVENT_CHARS = 4_000_000;

/** An answer as it comes from a server, in pieces cut anywhere. */
export class AnswerStream {
	/** Its `data:` lines so far: a comment is no sign of progress. */
	events = 0;
	/** [DONE] came: nothing after it counts. */
	done = false;
	/** The model that answers, as the server names it. */
	model: string | null = null;
	finish: string | null = null;
	usage: Usage | null = null;
	timings: Piece['timings'] = null;
	readonly #onText: (added: string) => void;
	readonly #parser: EventSourceParser;
	#thinking = false;
	#failure: Failure | null = null;
	#any = false;

	/** `onText`: thoughts that come in a field of their own are put between `<think>` and `</think>`. */
	constructor(onText: (added: string) => void) {
		this.#onText = onText;
		this.#parser = createParser({
			maxBufferSize: MAX_EVENT_CHARS,
			onEvent: ({ data }) => this.#event(data),
			onError: ({ type }) => {
				if (type === 'max-buffer-size-exceeded')
					this.#failure = new Failure('server', 'The server sent an event that is too large.', {
						reason: 'unexpected',
						remedy: 'Check that the address is that of an OpenAI-compatible server.'
					});
			}
		});
	}

	/** Text was written. */
	get begun(): boolean {
		return this.#any;
	}

	/** Throws the Failure that the stream told of. */
	feed(chunk: string) {
		this.#parser.feed(chunk);
		if (this.#failure) throw this.#failure;
	}

	/** The whole answer; throws when it was broken off. */
	end(): GenerateResult['finish'] {
		// Some servers leave out the empty line behind the last event.
		if (!this.done)
			try {
				this.feed('\n\n');
			} catch (thrown) {
				// Half an event is no event.
				if (!(thrown instanceof Failure) || thrown.detail.reason !== 'unexpected') throw thrown;
			}
		if (!this.done && this.finish === null)
			throw new Failure('server', 'The server broke off in the middle of the answer.', {
				reason: 'broken-off',
				remedy: 'What was written is kept. Ask again, or continue the answer, once the server runs.'
			});
		this.#close();
		return this.finish === 'length' ? 'length' : 'stop';
	}

	#event(data: string) {
		if (this.done || this.#failure) return;
		this.events++;
		try {
			const piece = parsePiece(data);
			if (piece) this.#take(piece);
			else this.done = true;
		} catch (thrown) {
			this.#failure = asFailure(thrown, 'server');
		}
	}

	#take(piece: Piece) {
		this.model ??= piece.model;
		this.finish = piece.finish ?? this.finish;
		this.usage = piece.usage ?? this.usage;
		this.timings = piece.timings ?? this.timings;
		if (piece.reasoning !== '') {
			if (!this.#thinking && !this.#any) {
				this.#thinking = true;
				this.#say('<think>');
			}
			if (this.#thinking) this.#say(piece.reasoning);
		}
		if (piece.text === '') return;
		this.#close();
		this.#say(piece.text);
	}

	#close() {
		if (!this.#thinking) return;
		this.#thinking = false;
		this.#say('</think>');
	}

	#say(text: string) {
		this.#any = true;
		this.#onText(text);
	}
}
