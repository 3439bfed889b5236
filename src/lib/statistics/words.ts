import { bytes, count, percent, rate } from '#plan/words.ts';
import type { FailureKind } from '../rpc/failure.ts';
import { failedOf, successRatio, type Outcomes } from './outcomes.ts';
import type { VariantRecord } from './record.ts';
import type { Speed } from './speed.ts';
import type { Spread } from './spread.ts';

const FAILURES: Record<FailureKind, string> = {
	'no-webgpu': 'no WebGPU',
	'no-adapter': 'no GPU',
	unsupported: 'not supported here',
	blocked: 'blocked',
	'bad-file': 'damaged file',
	network: 'network',
	gated: 'licence not accepted',
	script: 'part of the page missing',
	page: 'error in the page',
	'in-use': 'files in use',
	quota: 'no disk space',
	cancelled: 'cancelled',
	'out-of-memory': 'out of GPU memory',
	'out-of-host-memory': 'out of memory',
	'device-lost': 'GPU lost',
	'gpu-error': 'GPU error',
	'context-full': 'context window full',
	'bad-schema': 'unsupported JSON Schema',
	'bad-logits': 'computed wrongly',
	'lean-unavailable': 'no sampling on the CPU',
	'nothing-loaded': 'no model loaded',
	'queue-full': 'queue full',
	'worker-died': 'engine ended',
	silent: 'engine silent',
	'tab-died': 'tab ended',
	elsewhere: 'GPU in use by another tab',
	'taken-over': 'taken over by another tab',
	server: 'own server',
	engine: 'engine error'
};

export const failureName = (kind: string): string =>
	Object.hasOwn(FAILURES, kind) ? FAILURES[kind as FailureKind] : kind;

/** "2 GPU lost, 1 engine error"; empty for no failures. */
export const failureWords = ({ failed }: Outcomes): string =>
	Object.entries(failed)
		.filter(([, n]) => n > 0)
		.sort(([, a], [, b]) => b - a)
		.map(([kind, n]) => `${count(n)} ${failureName(kind)}`)
		.join(', ');

/** "1 answer", "42 answers". */
export const answers = (n: number): string => `${count(n)} ${n === 1 ? 'answer' : 'answers'}`;

/** "31.4 tokens/s (28 to 34)": mean, slowest and fastest. Empty: nothing was measured. */
export function speedWords({ count: n, mean, min, max }: Spread): string {
	if (n === 0) return '';
	const [low, high] = [edge(min), edge(max)];
	return `${rate(mean)} tokens/s${low === high ? '' : ` (${low} to ${high})`}`;
}

const edge = (tokensPerSecond: number): string =>
	tokensPerSecond >= 10 ? count(tokensPerSecond) : tokensPerSecond.toFixed(1);

/** "42 answers, 1 failed, 31.4 tokens/s (28 to 34)"; empty: there were no answers. */
export function answersLine({ answers: outcomes, decode }: VariantRecord): string {
	if (outcomes.begun === 0) return '';
	const failed = failedOf(outcomes);
	return [
		answers(outcomes.begun),
		...(outcomes.stopped > 0 ? [`${count(outcomes.stopped)} stopped`] : []),
		...(failed > 0 ? [`${count(failed)} failed`] : []),
		...(decode.count > 0 ? [speedWords(decode)] : [])
	].join(', ');
}

/** "97% succeeded"; empty: nothing was complete or failed. */
export function successWords(outcomes: Outcomes): string {
	const ratio = successRatio(outcomes);
	return ratio === null ? '' : `${percent(ratio)} succeeded`;
}

/** "from 42 kept answers"; empty for none. */
export const keptWords = (n: number): string =>
	n === 0 ? '' : `from ${count(n)} kept ${n === 1 ? 'answer' : 'answers'}`;

/** One figure; estimates are marked. */
export const shortSpeed = (speed: Speed | null): string =>
	speed === null
		? 'not measured yet'
		: speed.kind === 'measured'
			? `${rate(speed.decode.mean)} tokens/s`
			: `≈ ${rate(speed.tokensPerSecond)} tokens/s`;

/** Source of a speed, as a sentence. `nameOf` gives a variant's name. */
export const speedOrigin = (speed: Speed, nameOf: (variantId: string) => string): string =>
	speed.kind === 'measured'
		? `Measured here: ${speedWords(speed.decode)} in ${answers(speed.decode.count)}.`
		: `Estimated, not measured: ${nameOf(speed.fromVariantId)} read ${bytes(speed.bytesPerSecond)} of memory per second here.`;
