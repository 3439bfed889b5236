import { base } from '$app/paths';

/** Where the site lies, with a trailing slash. */
export const siteUrl = (): string => new URL(`${base}/`, location.href).href;
