import { spawn } from 'node:child_process';
import { installDependencies, run, say } from './setup.mjs';

const PORT = process.env.PORT ?? '4173';

installDependencies();
say('Building the pocket model and the site');
run('npm', ['run', '--silent', 'build']);
say(`Serving the built site at http://localhost:${PORT}/ (Ctrl+C ends it)`);
const server = spawn('npx', ['vite', 'preview', '--port', PORT, '--strictPort'], {
	stdio: ['ignore', 'ignore', 'inherit'],
	shell: process.platform === 'win32'
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
	process.on(signal, () => server.kill(signal));
server.on('exit', (code) => process.exit(code ?? 0));
