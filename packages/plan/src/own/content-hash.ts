/**
 * What names a model whose host gives no commit: SHA-256 of its configuration and its manifest, the first 40 hex
 * digits.
 */
export async function contentHash(config: string, manifest: string): Promise<string> {
	const text = new TextEncoder().encode(JSON.stringify([config, manifest]));
	const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
	return [...bytes.slice(0, 20)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
