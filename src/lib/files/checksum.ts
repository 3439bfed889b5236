import type * as v from 'valibot';
import type { checksumSchema } from './records.ts';

export type Checksum = v.InferOutput<typeof checksumSchema>;

export async function checksum(
	algorithm: Checksum['algorithm'],
	body: Uint8Array<ArrayBuffer>
): Promise<Checksum> {
	if (algorithm === 'sha256') return { algorithm, hex: await digest('SHA-256', body) };
	const head = new TextEncoder().encode(`blob ${body.byteLength}\0`);
	const whole = new Uint8Array(head.length + body.byteLength);
	whole.set(head);
	whole.set(body, head.length);
	return { algorithm, hex: await digest('SHA-1', whole) };
}

async function digest(name: 'SHA-256' | 'SHA-1', data: BufferSource): Promise<string> {
	const bytes = new Uint8Array(await crypto.subtle.digest(name, data));
	return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
