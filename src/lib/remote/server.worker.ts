import { mayReach } from '../network/policy.ts';
import { serve } from '../rpc/server.ts';
import { ask, browserWorld } from './ask.ts';
import { probe } from './probe.ts';
import type { ServerContract } from './protocol.ts';

// The policy that the service worker gives this worker says the same; where there is none, this does.
const world = {
	...browserWorld,
	fetch: (async (input: string, init?: RequestInit) => {
		if (!mayReach(new URL(input), new URL(self.location.href)))
			throw new TypeError(`This worker may not reach ${new URL(input).origin}.`);
		return fetch(input, init);
	}) as typeof fetch
};

serve<ServerContract>({
	probe: ({ server }) => probe(server, world),
	generate: ({ server, request }, { signal, progress }) =>
		ask(server, request, { signal, onText: progress }, world)
});
