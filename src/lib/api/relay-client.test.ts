import { expect, test, vi } from 'vitest';
import { ApiError } from './error.ts';
import type { CallOptions } from './handlers.ts';
import { MOST_LOOKS, RelayClient, type RelayState, type Socket } from './relay-client.ts';
import { CLOSED_REFUSED, type FromPage, type ToPage } from './relay-protocol.ts';
import { Credential, credentialOf, takeSecret } from './relay-secret.ts';

const SECRET = 'a'.repeat(64);
const KEY = 'b'.repeat(64);

/** A fake of the local server's end. */
class FakeSocket implements Socket {
	readyState: Socket['readyState'] = 1;
	readonly said: FromPage[] = [];
	readonly #listeners = new Map<string, (event: never) => void>();
	constructor(readonly protocols: string[]) {}
	send(text: string) {
		this.said.push(JSON.parse(text) as FromPage);
	}
	addEventListener(type: string, listener: unknown) {
		this.#listeners.set(type, listener as (event: never) => void);
	}
	tell(message: ToPage) {
		this.#listeners.get('message')?.({ data: JSON.stringify(message) } as never);
	}
	close(code: number) {
		this.readyState = 3;
		this.#listeners.get('close')?.({ code } as never);
	}
}

function rig({ kept = SECRET }: { kept?: string | null } = {}) {
	const storage = new Map<string, string>(kept === null ? [] : [['headroom-relay /', kept]]);
	const sockets: FakeSocket[] = [];
	const states: RelayState[] = [];
	const later: (() => void)[] = [];
	const stopped = vi.fn();
	const call = vi.fn<(name: string, input: unknown, options?: CallOptions) => Promise<unknown>>();
	const credential = new Credential('', () => ({
		getItem: (name) => storage.get(name) ?? null,
		setItem: (name, value) => void storage.set(name, value),
		removeItem: (name) => void storage.delete(name)
	}));
	const client = new RelayClient({
		baseUrl: 'http://localhost:4173/',
		credential,
		handlers: { call: call as never },
		events: { on: () => stopped },
		onState: (state) => states.push(state),
		open: (url, protocols) => {
			expect(url).toBe('ws://localhost:4173/relay');
			const socket = new FakeSocket(protocols);
			sockets.push(socket);
			return socket;
		},
		after: (_, run) => void later.push(run)
	});
	const connect = () => {
		client.connect();
		const socket = sockets.at(-1);
		if (!socket) throw new Error('It did not try.');
		socket.tell({ type: 'welcome', key: KEY });
		return socket;
	};
	return { client, credential, sockets, states, later, storage, call, stopped, connect };
}

test('a page that no local server opened tries none', () => {
	const { client, sockets, states } = rig({ kept: null });
	client.connect();
	expect(sockets).toEqual([]);
	expect(states).toEqual([]);
});

test('the secret is shown once; from then on the key that came for it', () => {
	const { client, sockets, storage, states, connect } = rig();
	connect();
	expect(sockets[0]?.protocols).toEqual(['headroom-relay-1', SECRET]);
	expect([...storage.values()]).toEqual([KEY]);
	expect(states).toEqual(['connecting', 'connected']);
	client.connect();
	expect(sockets).toHaveLength(1);
});

test('a server that has gone is looked for with the key, for so long; one that was restarted is not', () => {
	const { sockets, later, states, storage, connect } = rig();
	connect().close(1006);
	later.shift()?.();
	expect(sockets[1]?.protocols[1]).toBe(KEY);
	sockets[1]?.tell({ type: 'welcome', key: KEY });
	expect(states.at(-1)).toBe('connected');
	sockets[1]?.close(1006);
	for (let looks = 0; later.length > 0 && looks < 2 * MOST_LOOKS; looks++) {
		later.shift()?.();
		sockets.at(-1)?.close(1006);
	}
	expect(sockets).toHaveLength(2 + MOST_LOOKS);
	expect(states.at(-1)).toBe('lost');

	const restarted = rig();
	restarted.connect().close(1006);
	restarted.later.shift()?.();
	restarted.sockets[1]?.close(CLOSED_REFUSED);
	expect(restarted.states.at(-1)).toBe('refused');
	expect(restarted.later).toEqual([]);
	expect([...restarted.storage.values()]).toEqual([]);
	expect(storage.size).toBe(1);
});

test('calls are answered piece by piece, with a typed error, or not at all', async () => {
	const { call, connect } = rig();
	call.mockImplementation((name, _, options) => {
		options?.onChunk?.({ piece: 1 } as never);
		return name === 'chat'
			? Promise.resolve({ text: 'Yes.' })
			: Promise.reject(new ApiError('unknown_call', 'No such call.'));
	});
	const socket = connect();
	socket.tell({ type: 'call', id: 1, name: 'chat', input: { messages: [] } });
	await vi.waitFor(() => expect(socket.said.at(-1)?.type).toBe('done'));
	expect(socket.said.slice(1)).toEqual([
		{ type: 'piece', id: 1, value: { piece: 1 } },
		{ type: 'done', id: 1, value: { text: 'Yes.' } }
	]);
	socket.tell({ type: 'call', id: 2, name: 'other', input: {} });
	await vi.waitFor(() =>
		expect(socket.said.at(-1)).toMatchObject({ id: 2, error: { code: 'unknown_call' } })
	);
	const before = socket.said.length;
	socket.tell({ type: 'call', id: -1, name: 'chat', input: {} });
	socket.tell('nonsense' as never);
	expect(socket.said).toHaveLength(before);
});

test('a call is aborted by the server, and all are when it goes', async () => {
	const { call, stopped, connect } = rig();
	const signals: AbortSignal[] = [];
	call.mockImplementation(
		(_, __, options) =>
			new Promise((_, reject) => {
				const { signal } = options ?? {};
				if (!signal) return;
				signals.push(signal);
				signal.addEventListener('abort', () => reject(new ApiError('cancelled', 'Cancelled.')));
			})
	);
	const socket = connect();
	for (const id of [1, 2, 3]) socket.tell({ type: 'call', id, name: 'chat', input: {} });
	socket.tell({ type: 'listen', id: 4 });
	socket.tell({ type: 'abort', id: 2 });
	expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, false]);
	await vi.waitFor(() => expect(socket.said.at(-1)).toMatchObject({ type: 'failed', id: 2 }));
	expect(stopped).not.toHaveBeenCalled();
	socket.close(1006);
	expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
	expect(stopped).toHaveBeenCalled();
});

test('a call that ends after its socket has gone says nothing on the next one', async () => {
	const { call, connect, later, sockets } = rig();
	const ends: (() => void)[] = [];
	call.mockImplementation((name, _, options) => {
		if (name === 'memory') return Promise.resolve('new');
		return new Promise((resolve) =>
			ends.push(() => {
				options?.onChunk?.({ piece: 1 } as never);
				resolve('old');
			})
		);
	});
	const old = connect();
	old.tell({ type: 'call', id: 1, name: 'chat', input: {} });
	old.close(1006);
	later.shift()?.();
	const next = sockets[1];
	next?.tell({ type: 'welcome', key: KEY });
	next?.tell({ type: 'call', id: 1, name: 'chat', input: {} });
	ends[0]?.();
	next?.tell({ type: 'call', id: 2, name: 'memory', input: {} });
	await vi.waitFor(() => expect(next?.said.at(-1)).toEqual({ type: 'done', id: 2, value: 'new' }));
	expect(next?.said.filter((said) => 'id' in said && said.id === 1)).toEqual([]);
	ends[1]?.();
	await vi.waitFor(() => expect(next?.said.at(-1)).toEqual({ type: 'done', id: 1, value: 'old' }));
});

test('a new secret is shown at once, in a tab that looks for the server and in one that was refused', () => {
	const NEW = 'c'.repeat(64);
	for (const code of [1006, CLOSED_REFUSED]) {
		const { client, connect, credential, sockets, states } = rig();
		connect().close(code);
		credential.write(NEW);
		client.connect();
		expect(sockets[1]?.protocols[1]).toBe(NEW);
		expect(states.at(-1)).toBe('connecting');
	}
});

test('a secret that comes while an old one is refused is not forgotten with it', () => {
	const NEW = 'c'.repeat(64);
	const { client, credential, sockets, states, later } = rig();
	client.connect();
	credential.write(NEW);
	client.connect();
	expect(sockets).toHaveLength(1);
	sockets[0]?.close(CLOSED_REFUSED);
	expect(sockets[1]?.protocols[1]).toBe(NEW);
	sockets[1]?.close(1006);
	expect([sockets.length, later.length, states.at(-1)]).toEqual([2, 1, 'lost']);
});

test('a deployment has one credential', () => {
	expect(credentialOf('/a')).toBe(credentialOf('/a'));
	expect(credentialOf('/b')).not.toBe(credentialOf('/a'));
});

test('whether a model is loaded is told at once, and again to whoever comes later', () => {
	const { client, connect } = rig();
	client.holds(true);
	const socket = connect();
	client.holds(false);
	expect(socket.said).toEqual([
		{ type: 'holds', holds: true },
		{ type: 'holds', holds: false }
	]);
});

test.each([
	[`#relay=${SECRET}`, SECRET, '/headroom/api?x=1'],
	['#relay=no-secret', null, '/headroom/api?x=1'],
	['#relay=', null, '/headroom/api?x=1'],
	['#new', null, null],
	['', null, null]
])('of the hash “%s” the secret is %s, and the address becomes %s', (hash, secret, address) => {
	let replaced: string | null = null;
	const found = takeSecret({
		location: { hash, pathname: '/headroom/api', search: '?x=1' } as Location,
		history: {
			state: null,
			replaceState: (_: unknown, __: string, url: string) => void (replaced = url)
		} as unknown as History
	});
	expect(found).toBe(secret);
	expect(replaced).toBe(address);
});

test('what storage does not take lives as long as the page, and what lies there must be a secret', () => {
	const blocked = new Credential('', () => {
		throw new DOMException('Blocked.', 'SecurityError');
	});
	expect(blocked.read()).toBeNull();
	blocked.write(SECRET);
	expect(blocked.read()).toBe(SECRET);
	blocked.forget();
	expect(blocked.read()).toBeNull();
	const odd = { getItem: () => '<x>', setItem: () => {}, removeItem: () => {} };
	expect(new Credential('', () => odd).read()).toBeNull();
});
