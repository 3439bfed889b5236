import { WebSocket } from 'ws';
import {
	parseMessage,
	RELAY_PROTOCOL,
	toPageSchema,
	type FromPage,
	type ToPage
} from '../src/lib/api/relay-protocol.ts';

type Call = Extract<ToPage, { type: 'call' }>;

/** A fake of the page that a server opened: a test says what it answers. What it does not answer waits. */
export class FakePage {
	readonly socket: WebSocket;
	readonly calls: Call[] = [];
	readonly aborted: number[] = [];
	readonly listening: number[] = [];
	key: string | null = null;
	answer: (call: Call, page: FakePage) => void = () => {};
	/** The code that the server closed with; null: it has not. */
	closed: number | null = null;
	/** Welcomed, refused or not let in. */
	readonly settled: Promise<'welcome' | 'closed' | 'not let in'>;

	constructor(
		port: number,
		shown: string,
		{ base = '', origin = `http://127.0.0.1:${port}`, host = '' } = {}
	) {
		this.socket = new WebSocket(`ws://127.0.0.1:${port}${base}/relay`, [RELAY_PROTOCOL, shown], {
			origin,
			...(host !== '' && { headers: { host } })
		});
		this.settled = new Promise((resolve) => {
			this.socket.on('message', (data: Buffer) => {
				const message = parseMessage(toPageSchema, data.toString());
				if (message === null) throw new Error('The server said what is no message.');
				if (message.type === 'welcome') {
					this.key = message.key;
					resolve('welcome');
				} else if (message.type === 'call') {
					this.calls.push(message);
					this.answer(message, this);
				} else if (message.type === 'listen') this.listening.push(message.id);
				else this.aborted.push(message.id);
			});
			this.socket.on('close', (code) => {
				this.closed = code;
				resolve('closed');
			});
			this.socket.on('error', () => resolve('not let in'));
		});
	}

	say(message: FromPage) {
		this.socket.send(JSON.stringify(message));
	}
	done(id: number, value: unknown) {
		this.say({ type: 'done', id, value });
	}
	piece(id: number, value: unknown) {
		this.say({ type: 'piece', id, value });
	}
	fail(id: number, code: string, message = 'No.') {
		this.say({ type: 'failed', id, error: { message, type: 'server_error', code, param: null } });
	}
	async close() {
		const gone = new Promise((resolve) => this.socket.once('close', resolve));
		this.socket.close();
		await gone;
	}
}

/** An answer in OpenAI's shape. */
export const completion = (content: string) => ({
	id: 'chatcmpl-1',
	object: 'chat.completion',
	created: 1,
	model: 'pocket-q4f32_1',
	understood: null,
	choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
	usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
});

export const chunk = (content: string, finish: string | null = null) => ({
	id: 'chatcmpl-1',
	object: 'chat.completion.chunk',
	created: 1,
	model: 'pocket-q4f32_1',
	choices: [{ index: 0, delta: { content }, finish_reason: finish }]
});
