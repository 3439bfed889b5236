import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { fileHost } from './tests/support/file-host.ts';

export default defineConfig({
	plugins: [sveltekit()],
	// Vite's default for workers, 'iife', has neither top-level await nor lazy chunks.
	worker: { format: 'es' },
	// A name that resolves to this computer in the tests alone: a page without https.
	preview: { allowedHosts: ['insecure.test'] },
	test: {
		expect: { requireAssertions: true },
		projects: [
			{
				extends: './vite.config.ts',
				test: {
					name: 'unit',
					environment: 'node',
					include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
					exclude: ['src/**/*.svelte.test.ts']
				}
			},
			{
				extends: './vite.config.ts',
				plugins: [fileHost()],
				test: {
					name: 'browser',
					include: ['src/**/*.svelte.test.ts'],
					browser: {
						enabled: true,
						headless: true,
						provider: playwright({
							launchOptions: {
								executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
								args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']
							}
						}),
						instances: [{ browser: 'chromium' }]
					}
				}
			}
		]
	}
});
