/** A file that is not on disk in full length. */
export interface MissingFile {
	url: string;
	/** What lies in its place is shorter or longer, and is replaced; null: nothing does. */
	bytes: number | null;
}

/** Of all tabs: a file that one fetches may be what another waits for. */
const CHANNEL = 'headroom-arrivals';

let sender: BroadcastChannel | undefined;

/** Tells whoever waits for a file that it lies on disk now. */
export function tellArrival(url: string): void {
	(sender ??= new BroadcastChannel(CHANNEL)).postMessage(url);
}

/** Calls back with the URL of each file that comes; returns the way to end that. */
export function onArrival(tell: (url: string) => void): () => void {
	const channel = new BroadcastChannel(CHANNEL);
	channel.onmessage = ({ data }: MessageEvent<unknown>) => {
		if (typeof data === 'string') tell(data);
	};
	return () => channel.close();
}
