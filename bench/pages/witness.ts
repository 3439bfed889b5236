/** Runs in a worker before the engine asks for its device: counts buffers, apart from the page's own meter. No imports. */

interface Witness {
	liveBytes: number;
	peakBytes: number;
}

(globalThis as unknown as { witness: Witness }).witness = (() => {
	const witness: Witness = { liveBytes: 0, peakBytes: 0 };
	const sizes = new Map<GPUBuffer, { device: GPUDevice; bytes: number }>();
	const drop = (buffer: GPUBuffer) => {
		witness.liveBytes -= sizes.get(buffer)?.bytes ?? 0;
		sizes.delete(buffer);
	};
	const { createBuffer, destroy: destroyDevice } = GPUDevice.prototype;
	const { destroy: destroyBuffer } = GPUBuffer.prototype;
	GPUDevice.prototype.createBuffer = function (descriptor) {
		const buffer = createBuffer.call(this, descriptor);
		sizes.set(buffer, { device: this, bytes: buffer.size });
		witness.liveBytes += buffer.size;
		witness.peakBytes = Math.max(witness.peakBytes, witness.liveBytes);
		return buffer;
	};
	GPUBuffer.prototype.destroy = function () {
		drop(this);
		destroyBuffer.call(this);
	};
	GPUDevice.prototype.destroy = function () {
		for (const [buffer, { device }] of sizes) if (device === this) drop(buffer);
		destroyDevice.call(this);
	};
	return witness;
})();
