/** Made once: `localeCompare` with options makes a collator at each call, 17 ms for the catalogue. */
const { compare } = new Intl.Collator('en', { numeric: true });

/** For sorting by name, with numbers in their order: Llama 3.2 1B, 3B, 10B. */
export const byName = (a: { name: string }, b: { name: string }): number => compare(a.name, b.name);
