import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adapterLine, wrongAdapter, type AdapterFacts } from './adapter.mjs';

const facts = (changes: Partial<AdapterFacts> = {}): AdapterFacts => ({
	vendor: 'nvidia',
	architecture: 'ada-lovelace',
	device: '',
	description: '',
	driver: null,
	software: false,
	features: ['shader-f16'],
	limits: {},
	...changes
});

/** The arguments as a process of its own sees them: they are decided when the module is read. */
function argsWith(env: NodeJS.ProcessEnv): string[] {
	const url = JSON.stringify(join(import.meta.dirname, 'browsers.mjs'));
	const { stdout } = spawnSync(
		process.execPath,
		[
			'--input-type=module',
			'-e',
			`const { chromiumArgs } = await import(${url}); console.log(JSON.stringify(chromiumArgs));`
		],
		{ encoding: 'utf8', env: { ...process.env, ADAPTER: '', ...env } }
	);
	return JSON.parse(stdout) as string[];
}

describe('ADAPTER', () => {
	test('unset asks for the software adapter that every machine has', () => {
		const args = argsWith({});
		expect(args).toContain('--use-webgpu-adapter=swiftshader');
		expect(args.join()).not.toContain('Vulkan');
	});

	test('gpu asks for the machine’s own adapter, with shader-f16 on older NVIDIA drivers', () => {
		const args = argsWith({ ADAPTER: 'gpu' });
		expect(args.join()).not.toContain('swiftshader');
		if (process.platform === 'linux')
			expect(args).toContain('--enable-dawn-features=vulkan_enable_f16_on_nvidia');
	});
});

test('a software adapter, or none, is refused only where a GPU was asked for', () => {
	expect(wrongAdapter(facts(), true)).toBeNull();
	expect(wrongAdapter(facts({ software: true }), true)).toContain('software adapter');
	expect(wrongAdapter(null, true)).toContain('offers none');
	expect(wrongAdapter(facts({ software: true }), false)).toBeNull();
	expect(wrongAdapter(null, false)).toBeNull();
});

test('the adapter is named in one line', () => {
	expect(adapterLine(facts())).toBe('Adapter: nvidia ada-lovelace, a GPU, with shader-f16');
	expect(adapterLine(facts({ software: true, features: [] }))).toBe(
		'Adapter: nvidia ada-lovelace, software, without shader-f16'
	);
	expect(adapterLine(null)).toBe('Adapter: none');
});
