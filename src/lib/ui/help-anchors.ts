import type { FailureKind } from '../rpc/failure.ts';

/** What a person sees going wrong: each is a section of the page “Help”, at this anchor. */
export const SYMPTOMS = [
	'no-gpu',
	'unsupported',
	'blocked',
	'out-of-memory',
	'computer-memory',
	'gpu-lost',
	'slow',
	'download',
	'licence',
	'disk-full',
	'files-in-use',
	'page-part',
	'engine',
	'cancelled',
	'nothing-loaded',
	'queue-full',
	'context-full',
	'nonsense',
	'json',
	'cpu-sampling',
	'other-tab',
	'own-server'
] as const;
export type Symptom = (typeof SYMPTOMS)[number];

const ANCHORS: Readonly<Record<FailureKind, Symptom>> = {
	'no-webgpu': 'no-gpu',
	'no-adapter': 'no-gpu',
	unsupported: 'unsupported',
	blocked: 'blocked',
	'bad-file': 'download',
	network: 'download',
	gated: 'licence',
	script: 'page-part',
	page: 'page-part',
	'in-use': 'files-in-use',
	quota: 'disk-full',
	cancelled: 'cancelled',
	'out-of-memory': 'out-of-memory',
	'out-of-host-memory': 'computer-memory',
	'device-lost': 'gpu-lost',
	'gpu-error': 'gpu-lost',
	'context-full': 'context-full',
	'bad-schema': 'json',
	'bad-logits': 'nonsense',
	'lean-unavailable': 'cpu-sampling',
	'nothing-loaded': 'nothing-loaded',
	'queue-full': 'queue-full',
	'worker-died': 'computer-memory',
	silent: 'engine',
	'tab-died': 'computer-memory',
	elsewhere: 'other-tab',
	'taken-over': 'other-tab',
	server: 'own-server',
	engine: 'engine'
};

/** The section that helps with a failure. */
export const helpAnchor = (kind: FailureKind): Symptom => ANCHORS[kind];
