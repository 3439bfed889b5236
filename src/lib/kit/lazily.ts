/** The methods of T, of which any may have to wait. */
export type Lazily<T> = {
	[K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
		...args: infer A
	) => infer R
		? (...args: A) => R | Promise<Awaited<R>>
		: never;
};

/**
 * The methods of an instance that is fetched and made when one is called first, so that the page need not wait for its
 * script. What could not be fetched is tried again with the next call.
 */
export function lazily<T extends object>(make: () => Promise<T>): Lazily<T> {
	let made: Promise<T> | null = null;
	const instance = () =>
		(made ??= make().catch((error: unknown) => {
			made = null;
			throw error;
		}));
	return new Proxy({} as Lazily<T>, {
		get:
			(_, name) =>
			async (...args: unknown[]): Promise<unknown> => {
				const target = await instance();
				const method: unknown = Reflect.get(target, name);
				if (typeof method !== 'function') throw new TypeError(`There is no ${String(name)}.`);
				return Reflect.apply(method, target, args) as unknown;
			}
	});
}
