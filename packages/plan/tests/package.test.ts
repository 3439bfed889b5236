import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as plan from '../src/index.ts';

const root = join(import.meta.dirname, '../../..');
/** Below the project, where Node finds valibot. */
const folder = join(root, `.cache/plan-package/${process.pid}`);
const ASKED = 'Llama-3.2-1B-Instruct-q4f16_1-MLC';
const WINDOW = 4096;

const aDevice = (maxBufferSize: number) =>
	plan.describe({
		secureContext: true,
		webgpu: true,
		adapter: {
			vendor: 'nvidia',
			architecture: 'turing',
			description: '',
			isFallbackAdapter: false,
			features: ['shader-f16'],
			limits: {
				maxBufferSize,
				maxStorageBufferBindingSize: maxBufferSize,
				maxComputeWorkgroupStorageSize: 32768,
				maxStorageBuffersPerShaderStage: 10,
				maxComputeInvocationsPerWorkgroup: 1024
			},
			memoryHeaps: null
		},
		adapterError: null,
		renderer: 'ANGLE (NVIDIA, NVIDIA GeForce GTX 1650 (0x00001F82), OpenGL ES 3.2)',
		userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
		platformHint: 'Linux',
		touchPoints: 0,
		deviceMemoryGiB: 8
	});

beforeAll(() => {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
	execFileSync(
		process.execPath,
		[
			join(root, 'node_modules/typescript/bin/tsc'),
			'-p',
			join(root, 'packages/plan/tsconfig.json'),
			'--outDir',
			join(folder, 'plan')
		],
		{ cwd: root, stdio: 'pipe' }
	);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('it builds alone, and plain Node plans with it as the page does', () => {
	const reading = aDevice(2 ** 32);
	if (reading.kind !== 'ready') throw new Error(reading.sentence);
	const here = { reading, budget: plan.budgetOf(reading.device), threshold: 0.9 };
	const variant = plan.variantById.get(ASKED)!;
	const expected = plan.judge(variant, WINDOW, plan.NOTHING_KNOWN, here);
	writeFileSync(
		join(folder, 'asks.js'),
		`import { judge, NOTHING_KNOWN, variantById } from './plan/index.js';
		const here = ${JSON.stringify(here)};
		const { verdict, estimate } = judge(variantById.get('${ASKED}'), ${WINDOW}, NOTHING_KNOWN, here);
		console.log(JSON.stringify({ kind: verdict.kind, peakBytes: estimate.peakBytes }));`
	);
	const said: unknown = JSON.parse(
		execFileSync(process.execPath, [join(folder, 'asks.js')], { encoding: 'utf8' })
	);
	expect(said).toEqual({ kind: expected.verdict.kind, peakBytes: expected.estimate?.peakBytes });
	expect(here.budget.bytes).toBeGreaterThan(2 ** 30);
});
