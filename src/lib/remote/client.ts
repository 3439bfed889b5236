import type { Abilities, Engine } from '../engine/engine.ts';
import type { GenerateRequest, GenerateResult } from '../engine/protocol.ts';
import { guarded } from '../network/guard.ts';
import { spawn } from '../network/spawn.ts';
import { WorkerClient, type Port } from '../rpc/client.ts';
import { Failure } from '../rpc/failure.ts';
import type { Asked } from './ask.ts';
import type { Finding } from './probe.ts';
import type { ServerContract } from './protocol.ts';
import { engineIdOf, isLoopbackName, labelOf, originOf, type Server } from './record.ts';
import workerUrl from './server.worker.ts?worker&url';

/** Starts the worker that may reach this one origin and no other, bound to its policy. */
const start = async (origin: string): Promise<Port> => {
	await guarded();
	return spawn(workerUrl, 'headroom-server', [origin]);
};

/** The person's own server as what writes answers. It holds none of this GPU's memory. */
export class ServerEngine implements Engine {
	readonly id: string;
	readonly label: string;
	readonly quantization = null;
	readonly contextWindow: number | null;
	readonly can: Abilities;
	/** A server that failed may answer the next time. */
	readonly failure = null;
	readonly server: Server;
	readonly #start: (origin: string) => Promise<Port>;
	readonly #allowed = new Set<string>();
	#client: Promise<WorkerClient<ServerContract>> | null = null;
	#ended: Failure | null = null;
	#running = 0;
	#retired = false;

	constructor(server: Server, startWorker = start) {
		this.server = server;
		this.id = engineIdOf(server);
		this.label = labelOf(server);
		this.contextWindow = server.contextWindow;
		this.can = { images: server.images, thinking: false, schema: true, seed: true };
		this.#start = startWorker;
	}

	/** From now on the conversation may be sent. */
	allow(conversationId: string) {
		this.#allowed.add(conversationId);
	}

	refuses(conversationId: string, answeredBy: ReadonlySet<string>): Failure | null {
		const { server } = this;
		if (!server.asks || answeredBy.has(this.id) || this.#allowed.has(conversationId)) return null;
		return new Failure(
			'server',
			`Nothing of this conversation has been sent to ${server.name} yet.`,
			{
				reason: 'not-allowed',
				name: server.name,
				origin: originOf(server)
			}
		);
	}

	async generate(
		request: GenerateRequest,
		{ signal, onText }: Parameters<Engine['generate']>[1]
	): Promise<GenerateResult> {
		this.#running++;
		try {
			const client = await this.#worker();
			return await client.call(
				'generate',
				{ server: asked(this.server), request },
				{ signal, onProgress: onText }
			);
		} finally {
			this.#running--;
			if (this.#retired && this.#running === 0) this.end();
		}
	}

	/** Something else answers from now on: what is being written is written to its end. */
	retire() {
		this.#retired = true;
		if (this.#running === 0) this.end();
	}

	/** Ends its worker; an answer under way fails with the reason. */
	end(reason = new Failure('cancelled', 'The server was put away.')) {
		this.#ended = reason;
		void this.#client?.then((client) => client.end(reason));
	}

	async #worker(): Promise<WorkerClient<ServerContract>> {
		if (this.#ended) throw this.#ended;
		const client = await (this.#client ??= this.#start(originOf(this.server)).then(
			(port) => new WorkerClient<ServerContract>(port)
		));
		if (!client.ended) return client;
		// It died: the next answer gets another.
		this.#client = null;
		return this.#worker();
	}
}

/** The test of a server, in a worker of its own. */
export async function testServer(server: Server): Promise<Finding> {
	if ((await permission(server)) === 'denied') return { kind: 'denied' };
	const client = new WorkerClient<ServerContract>(await start(originOf(server)));
	try {
		const finding = await client.call('probe', { server: asked(server) });
		// The browser may have asked meanwhile, and been told no.
		if (finding.kind === 'unreachable' && (await permission(server)) === 'denied')
			return { kind: 'denied' };
		return finding;
	} finally {
		client.end();
	}
}

const asked = ({ kind, baseUrl, key, model }: Server): Asked => ({ kind, baseUrl, key, model });

/** Of the browser, for addresses on this computer or its network; null: it knows no such permission. */
export async function permission({
	baseUrl
}: Pick<Server, 'baseUrl'>): Promise<PermissionState | null> {
	const { hostname } = new URL(baseUrl);
	const local = isLoopbackName(hostname)
		? 'loopback-network'
		: PRIVATE.test(hostname)
			? 'local-network'
			: null;
	if (local === null) return null;
	for (const name of [local, 'local-network-access'])
		try {
			return (await navigator.permissions.query({ name: name as PermissionName })).state;
		} catch {
			// Not known under this name.
		}
	return null;
}

const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)|\.local$/;
