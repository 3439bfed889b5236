import type { FailureKind } from '../rpc/failure.ts';

/** After these no other variant could be worked on either: a run over several waits for a person. */
export const ENDS_ALL: ReadonlySet<FailureKind> = new Set([
	'cancelled',
	'elsewhere',
	'taken-over',
	'no-webgpu',
	'no-adapter',
	'script',
	'queue-full'
]);
