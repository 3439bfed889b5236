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
	function wrap<Target, Name extends keyof Target>(
		target: Target,
		name: Name,
		make: (original: Target[Name]) => Target[Name]
	) {
		target[name] = make(target[name]);
	}
	wrap(
		GPUDevice.prototype,
		'createBuffer',
		(createBuffer) =>
			function (this: GPUDevice, descriptor) {
				const buffer = createBuffer.call(this, descriptor);
				sizes.set(buffer, { device: this, bytes: buffer.size });
				witness.liveBytes += buffer.size;
				witness.peakBytes = Math.max(witness.peakBytes, witness.liveBytes);
				return buffer;
			}
	);
	wrap(
		GPUBuffer.prototype,
		'destroy',
		(destroy) =>
			function (this: GPUBuffer) {
				drop(this);
				return destroy.call(this);
			}
	);
	wrap(
		GPUDevice.prototype,
		'destroy',
		(destroy) =>
			function (this: GPUDevice) {
				for (const [buffer, { device }] of sizes) if (device === this) drop(buffer);
				return destroy.call(this);
			}
	);
	return witness;
})();
