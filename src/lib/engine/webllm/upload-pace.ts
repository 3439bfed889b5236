import { wrap } from './wrap.ts';

/** Bytes on their way to the GPU before they are waited for: so much more memory of the computer is taken at most. */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * Lets the engine write more weights before it waits for the GPU. It waits after each tensor, of which a model has
 * hundreds, mostly small ones: a way to the GPU's process and back for each.
 */
export class UploadPace {
	#uploading = false;
	#bytes = 0;

	/** Wraps the prototypes of the worker's global scope, once. */
	install(): void {
		const wrote = (bytes: number) => (this.#bytes += bytes);
		const waits = () => this.#waits();
		wrap(
			GPUQueue.prototype,
			'writeBuffer',
			(writeBuffer) =>
				function (this: GPUQueue, ...written) {
					wrote(bytesOf(written));
					writeBuffer.apply(this, written);
				}
		);
		wrap(
			GPUQueue.prototype,
			'onSubmittedWorkDone',
			(done) =>
				function (this: GPUQueue) {
					return waits() ? done.call(this) : Promise.resolve(undefined);
				}
		);
	}

	/** What is written from now on are weights. */
	begin(): void {
		this.#uploading = true;
		this.#bytes = 0;
	}

	end(): void {
		this.#uploading = false;
	}

	#waits(): boolean {
		if (this.#uploading && this.#bytes < MOST_BYTES) return false;
		this.#bytes = 0;
		return true;
	}
}

/** Offset and size of a typed array are in its elements. */
function bytesOf([, , data, offset = 0, size]: Parameters<GPUQueue['writeBuffer']>): number {
	const perElement = 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1;
	return size === undefined ? data.byteLength - offset * perElement : size * perElement;
}
