import { ahead, leftMs, type QueuedRequest, type RequestQueue } from '../runner/requests.ts';
import { duration } from '#plan/words.ts';

/** "1 running, 2 waiting". */
export function countsOf({ running, waiting }: RequestQueue): string {
	const parts = [
		...(running ? ['1 running'] : []),
		...(waiting.length > 0 ? [`${waiting.length} waiting`] : [])
	];
	return parts.join(', ');
}

/** What is before a waiting request: "next", "2 before it". */
export function placeOf(queue: RequestQueue, id: string): string {
	const before = ahead(queue, id) ?? 0;
	if (before === 0 || (before === 1 && queue.running)) return 'next';
	return `${before} before it`;
}

/** How a request stands, in one line. */
export function standing(queue: RequestQueue, request: QueuedRequest, nowMs: number): string {
	const seconds = (sinceMs: number) => duration((nowMs - sinceMs) / 1000);
	const left = leftMs(queue, request.id, nowMs);
	const about = left === null ? '' : `, about ${duration(left / 1000)} left`;
	if (request.startedAtMs !== null) return `Running for ${seconds(request.startedAtMs)}${about}`;
	const waited = `Waiting for ${seconds(request.queuedAtMs)}`;
	if (queue.blocked.includes(request.origin))
		return `${waited}, until the failed answer before it is decided`;
	return `${waited}, ${placeOf(queue, request.id)}${about}`;
}
