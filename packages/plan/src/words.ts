const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes for a person, three significant digits: "431 MiB", "1.21 GiB". Anything but a finite number: "unknown". */
export function bytes(n: number): string {
	if (!Number.isFinite(n)) return 'unknown';
	const sign = n < 0 ? '−' : '';
	let value = Math.abs(n);
	let unit = 0;
	while (value >= 999.5 && unit < UNITS.length - 1) {
		value /= 1024;
		unit++;
	}
	if (unit === 0)
		return `${sign}${Math.round(value)} ${Math.round(value) === 1 ? 'byte' : 'bytes'}`;
	const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
	return `${sign}${value.toFixed(digits)} ${UNITS[unit]}`;
}

// The page is in English, so its numbers are, whatever the browser's language.
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });

/** A count with group separators: "32,768". */
export const count = (n: number): string => (Number.isFinite(n) ? WHOLE.format(n) : 'unknown');

export const tokens = (n: number): string =>
	`${count(n)} ${Math.round(n) === 1 ? 'token' : 'tokens'}`;

/** Tokens per second: "31.4"; whole numbers from 100. */
export const rate = (tokensPerSecond: number): string =>
	tokensPerSecond >= 100 ? count(tokensPerSecond) : tokensPerSecond.toFixed(1);

/** A ratio (0 to 1) as a whole percentage: "86%". */
export const percent = (ratio: number): string =>
	Number.isFinite(ratio) ? PERCENT.format(ratio) : 'unknown';

/** Seconds for a person: "3 s", "2 min 10 s". */
export function duration(seconds: number): string {
	if (!Number.isFinite(seconds)) return 'unknown';
	const whole = Math.max(0, Math.round(seconds));
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
