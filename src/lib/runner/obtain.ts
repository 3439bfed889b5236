import type { Files } from '../files/client.ts';
import type { InUse } from '../files/in-use.ts';
import type { DownloadProgress, Inspection } from '../files/protocol.ts';
import { Failure } from '../rpc/failure.ts';
import type { PlannedHost } from './loader-host.ts';
import { cancelled } from './attempts.ts';
import type { Target } from './target.ts';

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

export interface Obtained {
	/** As read before the weights. */
	ahead: Inspection;
	/** The same once every file is on disk, and it was found again that it can run here. */
	whole: Promise<Inspection>;
}

/**
 * Brings the files of a target onto the disk, and refuses what cannot run here before its weights are fetched. Resolves
 * when they begin to come; who waits for nothing else must wait for `whole`.
 */
export async function obtain(
	{ files, inUse, host }: ObtainParts,
	wanted: Target,
	{ signal, onProgress, onWithin }: Obtaining
): Promise<Obtained> {
	const source = host.source(wanted.variant);
	await inUse.hold(source.baseUrl, signal);
	const fetched = await host.fetching(wanted.variant);
	try {
		const ahead = await files.inspect(source, true, signal, 'load');
		if (signal.aborted) throw cancelled();
		const target = host.within(wanted, ahead.facts);
		onWithin(target);
		host.admit(target, ahead.facts);
		const fetch = async () => {
			const whole = await files.download(source, { signal, onProgress });
			if (signal.aborted) throw cancelled();
			// Another tab may have looked the commit up meanwhile.
			if (whole.baseUrl !== ahead.baseUrl) throw moved(ahead, whole);
			host.admit(target, whole.facts);
			return whole;
		};
		return { ahead, whole: fetch().finally(fetched) };
	} catch (thrown) {
		fetched();
		throw thrown;
	}
}

const moved = (from: Inspection, to: Inspection) =>
	new Failure('network', 'The model was changed on its host while it was fetched. Load it again.', {
		cause: 'changed',
		expected: from.revision,
		found: to.revision
	});
