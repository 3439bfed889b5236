import type { GenerateRequest, GenerateResult } from '../engine/protocol.ts';
import type { Contract } from '../rpc/contract.ts';
import type { Asked } from './ask.ts';
import type { Finding } from './probe.ts';

export interface ServerContract extends Contract {
	calls: {
		probe: { params: { server: Asked }; result: Finding; progress: never };
		/** Progress is the text added since the last one. Aborting resolves with `stopped`. */
		generate: {
			params: { server: Asked; request: GenerateRequest };
			result: GenerateResult;
			progress: string;
		};
	};
	events: Record<never, never>;
}
