/** Bytes of GPU memory we may use, with its source and how sure we are. */
export interface Budget {
	/** All of the GPU's memory as far as known, before the reserve. */
	totalBytes: number;
	/** Set aside for the screen and other programs. */
	reserveBytes: number;
	/** What may be used: totalBytes - reserveBytes, never negative. */
	bytes: number;
	source: 'declared' | 'heaps' | 'gpu-name' | 'assumed';
	/** The source in words, a full sentence for the page. */
	explanation: string;
}
