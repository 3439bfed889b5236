import type { App } from '../app/app.svelte.ts';
import { Events } from './events.svelte.ts';
import { Handlers } from './handlers.ts';
import { RelayClient, type RelayParts, type RelayState } from './relay-client.ts';

/** The way between this page and the local server that opened it. */
export class Relay {
	state = $state.raw<RelayState>('none');
	readonly #client: RelayClient;

	constructor(app: App, parts: Pick<RelayParts, 'baseUrl' | 'credential'>) {
		this.#client = new RelayClient({
			...parts,
			handlers: new Handlers(app, 'server'),
			events: new Events(app),
			onState: (state) => {
				this.state = state;
				if (state === 'connected') app.announcer.say('Connected to the local server.');
			}
		});
		$effect.root(() => {
			$effect(() => this.#client.holds(app.loader.loaded !== null));
		});
	}

	/** Goes to the server, if this tab was opened by one. */
	connect() {
		this.#client.connect();
	}
}

const made = new WeakMap<App, Relay>();

/** The page's one relay. */
export function relayOf(app: App, parts: () => ConstructorParameters<typeof Relay>[1]): Relay {
	const known = made.get(app) ?? new Relay(app, parts());
	made.set(app, known);
	return known;
}
