/**
 * The name of something that the browser keeps for the whole origin, for one deployment alone. `baseUrl`: where the
 * site lies, absolute. Two deployments below one origin would share a database, a lock or a channel otherwise.
 */
export const ownName = (name: string, baseUrl: string): string => `${name} ${pathOf(baseUrl)}`;

export const pathOf = (baseUrl: string): string => new URL(baseUrl).pathname;
