import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from 'playwright/test';
import { BASE } from '../playwright.config.ts';

/** The build that the stories run against, so that none is made here. */
function start(env: NodeJS.ProcessEnv = {}): ChildProcess & { said: () => string } {
	const child = spawn('npm', ['start', '--', '--base', BASE], {
		env: { ...process.env, PORT: '', ...env }
	});
	let said = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (chunk) => (said += String(chunk)));
	return Object.assign(child, { said: () => said });
}

async function addressOf(server: ReturnType<typeof start>): Promise<string> {
	const address = () => /http:\S+/.exec(server.said())?.[0];
	await expect.poll(address, { timeout: 30_000 }).toBeTruthy();
	return address() ?? '';
}

const answers = (address: string) =>
	fetch(address).then(
		({ status }) => status,
		() => 'nobody'
	);

test('two npm start run beside each other, and a signal to npm leaves no server behind', async () => {
	const servers = [start(), start()];
	try {
		const addresses = await Promise.all(servers.map(addressOf));
		expect(new Set(addresses).size).toBe(2);
		for (const address of addresses) expect(await answers(address)).toBe(200);

		for (const server of servers) server.kill('SIGTERM');
		for (const address of addresses) await expect.poll(() => answers(address)).toBe('nobody');
	} finally {
		for (const server of servers) server.kill('SIGTERM');
	}
});

test('npm start says that its port is taken and how to choose another', async () => {
	const other = createServer().listen(0);
	try {
		const { port } = other.address() as { port: number };
		const server = start({ PORT: String(port) });
		const code = await new Promise((resolve) => server.on('exit', resolve));
		expect(server.said()).toContain(`Port ${port} is taken`);
		expect(server.said()).toContain(`PORT=${port + 1} npm start`);
		expect(code).toBe(1);
	} finally {
		other.close();
	}
});
