/** How the hash of the address begins that the local server prints. */
export const SECRET_HASH = '#relay=';
export const SECRET = /^[0-9a-f]{32,128}$/;

/**
 * The secret in an address that the local server printed, taken out of it at once so that no history, bookmark or
 * screenshot keeps it; null: there is none.
 */
export function takeSecret(page: Pick<Window, 'location' | 'history'> = window): string | null {
	const { hash, pathname, search } = page.location;
	if (!hash.startsWith(SECRET_HASH)) return null;
	page.history.replaceState(page.history.state, '', pathname + search);
	const secret = hash.slice(SECRET_HASH.length);
	return SECRET.test(secret) ? secret : null;
}

const credentials = new Map<string, Credential>();

/** The page's one of a deployment: what is taken out of an address reaches whoever shows it. */
export function credentialOf(base: string): Credential {
	const known = credentials.get(base) ?? new Credential(base);
	credentials.set(base, known);
	return known;
}

/** What a tab shows the local server: first the secret, then the key it got for it. A reload of the tab keeps it. */
export class Credential {
	readonly #name: string;
	readonly #storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
	#memory: string | null = null;

	/** `base`: the site's base path; two deployments below one origin leave each other alone. */
	constructor(
		base: string,
		storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = () => sessionStorage
	) {
		this.#name = `headroom-relay ${base}/`;
		this.#storage = storage;
	}

	read(): string | null {
		if (this.#memory !== null) return this.#memory;
		try {
			const kept = this.#storage().getItem(this.#name);
			return kept !== null && SECRET.test(kept) ? kept : null;
		} catch {
			// Storage is blocked: then it lives as long as the page.
			return null;
		}
	}

	write(value: string) {
		this.#memory = value;
		try {
			this.#storage().setItem(this.#name, value);
		} catch {
			// As above.
		}
	}

	forget() {
		this.#memory = null;
		try {
			this.#storage().removeItem(this.#name);
		} catch {
			// As above.
		}
	}
}
