import { expect, test } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import { FakePort } from '../rpc/port.fixture.ts';
import { Files } from './client.ts';

const source = {
	baseUrl: new URL('/model/resolve/main/', location.href).href,
	libraryUrl: '',
	packageUrl: null,
	overrides: {}
};

function filesWith(hosts: readonly string[] | null) {
	const workers: { port: FakePort; hosts: readonly string[] }[] = [];
	const files = new Files(hosts, (hosts) => {
		const port = new FakePort();
		workers.push({ port, hosts });
		return port;
	});
	const worker = (index = workers.length - 1) => {
		const found = workers[index];
		if (!found) throw new Error('There is no worker.');
		return found;
	};
	return { files, workers, worker };
}
const tick = () => new Promise((resolve) => setTimeout(resolve));

test('a worker that has died is replaced by the next call', async () => {
	const { files, workers, worker } = filesWith([]);
	const first = files.list();
	await tick();
	worker().port.die();
	await expect(first).rejects.toMatchObject({ kind: 'worker-died' });
	const second = files.list();
	await tick();
	worker().port.answer('list', []);
	expect(await second).toEqual([]);
	expect(workers).toHaveLength(2);
});

test('nothing is asked before it is known which hosts may be reached', async () => {
	const { files, workers, worker } = filesWith(null);
	const listing = files.list();
	await tick();
	expect(workers).toHaveLength(0);
	files.allow(['hub.test']);
	await tick();
	expect(worker().hosts).toEqual(['hub.test']);
	worker().port.answer('list', []);
	expect(await listing).toEqual([]);
});

test('a download goes on when a host is added, and its progress too', async () => {
	const { files, workers, worker } = filesWith(['hub.test']);
	const told: unknown[] = [];
	const download = files.download(source, { onProgress: (progress) => told.push(progress) });
	await tick();
	files.allow(['hub.test', 'other.test']);
	await tick();
	expect(workers.map(({ hosts, port }) => [hosts.length, port.terminated])).toEqual([
		[1, true],
		[2, false]
	]);
	worker().port.progress('download', 'half');
	worker().port.answer('download', 'whole');
	expect(await download).toBe('whole');
	expect(told).toEqual(['half']);
});

test('when a host is removed, nothing of what is under way reaches it any more', async () => {
	const { files, worker } = filesWith(['hub.test']);
	const download = files.download(source);
	await tick();
	files.allow([]);
	expect(worker(0).port.terminated).toBe(true);
	await tick();
	worker().port.fail('download', new Failure('network', 'Not allowed.'));
	await expect(download).rejects.toMatchObject({ kind: 'network' });
	expect(worker().hosts).toEqual([]);
});

test('the same hosts once more change nothing', async () => {
	const { files, workers } = filesWith(['a.test', 'b.test']);
	void files.list().catch(() => undefined);
	await tick();
	files.allow(['a.test', 'b.test']);
	await tick();
	expect(workers).toHaveLength(1);
	files.end();
});

test('a call that was cancelled does not begin again', async () => {
	const { files, workers } = filesWith(['a.test']);
	const cancel = new AbortController();
	const download = files.download(source, { signal: cancel.signal });
	await tick();
	cancel.abort();
	files.allow([]);
	await expect(download).rejects.toMatchObject({ kind: 'cancelled' });
	await tick();
	expect(workers.flatMap(({ port }) => port.names)).toEqual(['download']);
});
