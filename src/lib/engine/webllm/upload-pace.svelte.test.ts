import { afterEach, beforeEach, expect, test } from 'vitest';
import { UploadPace } from './upload-pace.ts';

const MIB = 2 ** 20;
const own = Object.getOwnPropertyDescriptors(GPUQueue.prototype);
let pace: UploadPace;
/** Times that the GPU was really waited for. */
let waited: number;
/** A fake of a queue: it says when it is waited for, and writes nothing. */
let queue: GPUQueue;
const buffer = {} as GPUBuffer;

beforeEach(() => {
	waited = 0;
	Object.assign(GPUQueue.prototype, {
		writeBuffer: () => undefined,
		onSubmittedWorkDone: () => {
			waited++;
			return Promise.resolve(undefined);
		}
	});
	pace = new UploadPace();
	pace.install();
	queue = Object.create(GPUQueue.prototype) as GPUQueue;
});
afterEach(() => void Object.defineProperties(GPUQueue.prototype, own));

const upload = async (mebibytes: number) => {
	queue.writeBuffer(buffer, 0, new Uint8Array(mebibytes * MIB));
	await queue.onSubmittedWorkDone();
};

test('weights are waited for when 16 MiB of them are on their way', async () => {
	pace.begin();
	for (let i = 0; i < 15; i++) await upload(1);
	expect(waited).toBe(0);
	await upload(1);
	expect(waited).toBe(1);
	for (let i = 0; i < 15; i++) await upload(1);
	expect(waited).toBe(1);
	await upload(40);
	expect(waited).toBe(2);
});

test('what is written before and afterwards is waited for each time', async () => {
	await upload(1);
	expect(waited).toBe(1);
	pace.begin();
	await upload(1);
	expect(waited).toBe(1);
	pace.end();
	await upload(1);
	expect(waited).toBe(2);
});

test('bytes are those that are written: of a part of an array, and of elements of several bytes', async () => {
	const words = new Float32Array(8 * MIB);
	const written: [
		data: ArrayBufferView<ArrayBuffer> | ArrayBuffer,
		offset?: number,
		size?: number
	][] = [
		[words, 0, 4 * MIB - 1],
		[words, 4 * MIB + 1],
		[words.buffer, 16 * MIB + 1],
		[words.buffer, 0, 16 * MIB - 1],
		[new DataView(words.buffer), 16 * MIB + 1]
	];
	for (const [data, ...rest] of written) {
		pace.begin();
		queue.writeBuffer(buffer, 0, data, ...rest);
		await queue.onSubmittedWorkDone();
		expect(waited, `${rest.join(' ')} of ${data.constructor.name}`).toBe(0);
		queue.writeBuffer(buffer, 0, new Uint8Array(4));
		await queue.onSubmittedWorkDone();
		expect(waited, 'four bytes more').toBe(1);
		waited = 0;
	}
});
