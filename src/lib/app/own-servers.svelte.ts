import { ServerEngine } from '../remote/client.ts';
import { Failure } from '../rpc/failure.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { engineIdOf, parseServers, type Server, type Servers } from '../remote/record.ts';
import type { Engine } from '../engine/engine.ts';
import type { AppParts } from './parts.ts';
import type { Running } from './running.svelte.ts';

export interface ServerFollowers extends Pick<AppParts, 'settings'> {
	running: Pick<Running, 'server'>;
	servers: OwnServers | null;
}

/** The person's own servers, and which of them answers in place of this GPU. */
export class OwnServers {
	readonly #kept: Persisted<Servers>;
	readonly #makeEngine: (server: Server) => ServerEngine;
	#engine: ServerEngine | null = null;
	/** Of those that a comparison or a program asked, by what they were made from. */
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- engines and their workers: nothing is drawn from them
	readonly #lent = new Map<string, ServerEngine>();
	#airplane = false;

	constructor(database: string, makeEngine = (server: Server) => new ServerEngine(server)) {
		this.#kept = new Persisted('servers', parseServers, database);
		this.#makeEngine = makeEngine;
	}

	get list(): readonly Server[] {
		return this.#kept.current.list;
	}

	/** The one that answers; null: this GPU does. */
	get active(): Server | null {
		const { list, active } = this.#kept.current;
		return list.find(({ id }) => id === active) ?? null;
	}

	/** Why the list is not being kept, if so. */
	get problem(): string | null {
		return this.#kept.problem?.message ?? null;
	}

	/** Adds the server, or replaces the one of the same id. */
	keep(server: Server): Promise<void> {
		return this.#kept.update(({ list, active }) => ({
			list: list.some(({ id }) => id === server.id)
				? list.map((each) => (each.id === server.id ? server : each))
				: [...list, server],
			active
		}));
	}

	/** What answers from now on; null: this GPU. */
	use(id: string | null): Promise<void> {
		return this.#kept.set({ active: id });
	}

	/**
	 * The server with this id of an engine, whoever answers conversations; null: none of the list has it. It asks nobody's
	 * leave: whoever asks it must have that.
	 */
	engineNamed(engineId: string): Engine | null {
		const server = this.list.find((each) => engineIdOf(each) === engineId);
		return server ? this.engineOf(server) : null;
	}

	/** The same for one of the list: servers that differ in their key alone have one id. */
	engineOf(server: Server): Engine {
		if (this.#airplane) return new Withheld(this.#makeEngine(server));
		if (this.#engine && same(this.#engine.server, server)) return this.#engine;
		const key = JSON.stringify(server);
		const engine = this.#lent.get(key) ?? this.#makeEngine(server);
		this.#lent.set(key, engine);
		return engine;
	}

	/** What answers may be sent this conversation from now on. */
	allow(conversationId: string) {
		this.#engine?.allow(conversationId);
	}

	remove(id: string): Promise<void> {
		return this.#kept.update(({ list, active }) => ({
			list: list.filter((each) => each.id !== id),
			active: active === id ? null : active
		}));
	}

	/**
	 * Resolves when what was chosen before answers, with the way to stop; the choice and offline mode are followed from
	 * then on.
	 */
	async follow(app: ServerFollowers): Promise<() => void> {
		const { running, settings } = app;
		await this.#kept.ready;
		this.#choose(running, settings.current.airplane);
		const stop = $effect.root(() => {
			$effect(() => this.#choose(running, settings.current.airplane));
		});
		app.servers = this;
		return () => {
			stop();
			this.#engine?.end();
			for (const engine of this.#lent.values()) engine.end();
			this.#kept.close();
		};
	}

	#choose(running: ServerFollowers['running'], airplane: boolean) {
		const server = this.active;
		const before = this.#engine;
		this.#airplane = airplane;
		this.#callBack(airplane);
		if (airplane || !same(before?.server ?? null, server)) {
			this.#engine = null;
			if (airplane) before?.end(offline());
			else before?.retire();
		}
		if (!server) running.server = null;
		else if (airplane) running.server = new Withheld(this.#makeEngine(server));
		else running.server = this.#engine ??= this.#makeEngine(server);
	}

	/** What was lent of a server that is gone or was changed, or of all in offline mode. */
	#callBack(airplane: boolean) {
		const listed = this.list.map((each) => JSON.stringify(each));
		for (const [key, engine] of this.#lent) {
			if (!airplane && listed.includes(key)) continue;
			this.#lent.delete(key);
			if (airplane) engine.end(offline());
			else engine.retire();
		}
	}
}

const same = (a: Server | null, b: Server | null) => JSON.stringify(a) === JSON.stringify(b);

const offline = () =>
	new Failure('server', 'Offline mode is on: nothing is sent to your server.', {
		reason: 'offline',
		remedy: 'Turn off offline mode in the settings, or let a model on this GPU answer.'
	});

/** A server in offline mode. */
class Withheld implements Engine {
	readonly id: string;
	readonly label: string;
	readonly quantization = null;
	readonly contextWindow: number | null;
	readonly can: Engine['can'];
	readonly failure = offline();

	constructor({ id, label, contextWindow, can }: Engine) {
		this.id = id;
		this.label = label;
		this.contextWindow = contextWindow;
		this.can = can;
	}

	generate(): Promise<never> {
		return Promise.reject(this.failure);
	}
}
