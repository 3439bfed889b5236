import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
	compilerOptions: {
		// Runes for our code; dependencies keep whichever mode they were written in.
		runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true)
	},
	kit: {
		adapter: adapter({ fallback: '404.html' }),
		// Set by the deployment and by the end-to-end tests; the page works at any path.
		paths: { base: /** @type {'' | `/${string}`} */ (process.env.BASE_PATH ?? ''), relative: true },
		typescript: {
			config: (config) => ({
				...config,
				include: [
					...config.include,
					'../*.config.js',
					'../*.config.ts',
					'../scripts/**/*.ts',
					'../scripts/**/*.mjs',
					'../bench/**/*.ts',
					'../pocket/*.ts',
					'../pocket/model/**/*.ts',
					'../pocket/training/**/*.ts',
					'../pocket/tests/**/*.ts'
				]
			})
		}
	}
};
