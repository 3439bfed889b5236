/** The first versions that take the Authorization header off where a redirect leads to another origin. */
const CHROMIUM = 119;
const FIREFOX = 112;
const SAFARI = 16.4;

/** Whether this browser would send a token on to whatever host the hub redirects to. */
export function forwardsToken(userAgent: string): boolean {
	const version = (pattern: RegExp) => {
		const found = pattern.exec(userAgent)?.[1];
		return found === undefined ? null : Number(found);
	};
	// The others call themselves Safari too: the first that is named counts.
	const chromium = version(/\bChrom(?:e|ium)\/(\d+)/);
	if (chromium !== null) return chromium < CHROMIUM;
	const firefox = version(/\bFirefox\/(\d+)/);
	if (firefox !== null) return firefox < FIREFOX;
	const safari = version(/\bVersion\/(\d+\.\d).* Safari\//);
	return safari !== null && safari < SAFARI;
}
