import adapter from '@sveltejs/adapter-static';

/** Set by scripts/site.mjs: where the static site is written. */
const { BUILD_DIR } = process.env;

/** @type {import('@sveltejs/kit').Config} */
export default {
	compilerOptions: {
		// Runes for our code; dependencies keep whichever mode they were written in.
		runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true)
	},
	kit: {
		adapter: adapter({ fallback: '404.html', pages: BUILD_DIR ?? 'build' }),
		csp: {
			mode: 'hash',
			directives: {
				'default-src': ['none'],
				'script-src': ['self', 'wasm-unsafe-eval'],
				'style-src': ['self'],
				'img-src': ['self', 'data:', 'blob:'],
				'font-src': ['self'],
				// Everything foreign is fetched in workers, which are bound by a policy of their own.
				'connect-src': ['self'],
				'worker-src': ['self'],
				'manifest-src': ['self'],
				'base-uri': ['none'],
				'form-action': ['none'],
				'require-trusted-types-for': ['script'],
				'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url', 'headroom-worker']
			}
		},
		// Set by the deployment and by the end-to-end tests; the page works at any path.
		paths: { base: /** @type {'' | `/${string}`} */ (process.env.BASE_PATH ?? ''), relative: true },
		typescript: {
			config: (config) => ({
				...config,
				exclude: config.exclude.filter(
					(/** @type {string} */ path) => !path.includes('service-worker')
				),
				include: [
					...config.include,
					'../*.config.js',
					'../*.config.ts',
					'../scripts/**/*.ts',
					'../scripts/**/*.mjs',
					'../packages/*/src/**/*.ts',
					'../packages/*/tests/**/*.ts',
					'../server/**/*.ts',
					'../bench/**/*.ts',
					'../bench/**/*.svelte',
					'../pocket/*.ts',
					'../pocket/model/**/*.ts',
					'../pocket/training/**/*.ts',
					'../pocket/tests/**/*.ts'
				]
			})
		}
	}
};
