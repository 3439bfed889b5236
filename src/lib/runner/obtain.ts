import type { Files } from '../files/client.ts';
import type { InUse } from '../files/in-use.ts';
import type { DownloadProgress } from '../files/protocol.ts';
import type { PlannedHost } from './loader-host.ts';
import { cancelled } from './attempts.ts';
import type { Read, Target } from './target.ts';

export interface ObtainParts {
	files: Pick<Files, 'inspect' | 'download'>;
	inUse: Pick<InUse, 'hold'>;
	host: Pick<PlannedHost, 'source' | 'fetching' | 'within' | 'admit'>;
}

export interface Obtaining {
	signal: AbortSignal;
	onProgress: (progress: DownloadProgress) => void;
	/** The target as it will be loaded, once its config was read. */
	onWithin: (target: Target) => void;
}

/** Brings the files of a target onto the disk, and refuses what cannot run here before its weights are fetched. */
export async function obtain(
	{ files, inUse, host }: ObtainParts,
	wanted: Target,
	{ signal, onProgress, onWithin }: Obtaining
): Promise<Read> {
	const source = host.source(wanted.variant);
	await inUse.hold(source.baseUrl, signal);
	const fetched = await host.fetching(wanted.variant);
	try {
		const ahead = await files.inspect(source, true, signal, 'load');
		if (signal.aborted) throw cancelled();
		const target = host.within(wanted, ahead.facts);
		onWithin(target);
		host.admit(target, ahead.facts);
		const whole = await files.download(source, { signal, onProgress });
		if (signal.aborted) throw cancelled();
		host.admit(target, whole.facts);
		return whole;
	} finally {
		fetched();
	}
}
