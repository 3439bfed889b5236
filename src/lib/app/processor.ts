interface PressureRecordLike {
	state: string;
}
type PressureObserverLike = new (see: (records: readonly PressureRecordLike[]) => void) => {
	observe(source: 'cpu', options: { sampleInterval: number }): Promise<void>;
	disconnect(): void;
};

/** How busy the processor is, where the browser tells (Chrome, Edge). A hint: the GPU may be idle meanwhile. Returns the way to stop. */
export function watchProcessor(see: (state: string) => void): () => void {
	const { PressureObserver } = globalThis as { PressureObserver?: PressureObserverLike };
	if (!PressureObserver) return () => {};
	const observer = new PressureObserver((records) => {
		const last = records.at(-1);
		if (last) see(last.state);
	});
	void observer.observe('cpu', { sampleInterval: 5_000 }).catch(() => undefined);
	return () => observer.disconnect();
}
