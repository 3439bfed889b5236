import type { DownloadStatus } from '../files/download-queue.svelte.ts';
import type { DownloadProgress } from '../files/protocol.ts';
import { bytes, duration } from '#plan/words.ts';

const amount = ({ doneBytes, totalBytes }: DownloadProgress) =>
	`${bytes(doneBytes)} of ${bytes(totalBytes)}`;

/** Done share, 0 to 1; null: not known yet. */
export function doneRatio(status: DownloadStatus): number | null {
	if (status.kind === 'complete') return 1;
	if (status.kind !== 'running' && status.kind !== 'paused') return null;
	const { progress } = status;
	return progress && progress.totalBytes > 0 ? progress.doneBytes / progress.totalBytes : null;
}

/** How a download stands, in one line. `held`: nothing may be fetched now. */
export function queueWords(status: DownloadStatus, held: boolean): string {
	switch (status.kind) {
		case 'queued':
			return held ? 'Waiting: offline mode is on.' : 'Waiting for the previous download.';
		case 'paused':
			return status.progress
				? `Paused at ${amount(status.progress)}.`
				: 'Paused. What is complete is on disk.';
		case 'complete':
			return 'Downloaded, ready to load.';
		case 'failed':
			return status.failure.message;
		case 'running': {
			const { progress } = status;
			if (!progress) return 'Checking files';
			if (progress.waiting) {
				const { attempt, reason } = progress.waiting;
				const tried = attempt > 1 ? ` after ${attempt} tries` : '';
				return `${amount(progress)}. Waiting to try again${tried}: ${reason}`;
			}
			if (progress.receivedBytes === 0) return 'Checking what is on disk';
			const rate = progress.bytesPerSecond;
			if (rate === null || rate <= 0) return amount(progress);
			const left = (progress.totalBytes - progress.doneBytes) / rate;
			return `${amount(progress)}, ${bytes(rate)}/s, ${duration(left)} left`;
		}
	}
}
