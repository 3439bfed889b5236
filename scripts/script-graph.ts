/** Import and export statements with a source, but not `import()`: minified or not. */
const STATIC = /(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{}\s,]+?\s*from\s*)?["']([^"']+\.js)["']/g;
/** Where a page's HTML names scripts: preloaded modules, script elements and the imports that start it. */
const NAMED = /(?:href=|src=|import\()\s*["']([^"']+\.js)["']/g;

/**
 * The scripts that must run before a page built by Vite shows anything: those its HTML names and all they import
 * statically. Told by the build alone, so that no timing changes it. `url`: of the HTML. `read`: a script's text.
 */
export async function scriptsNeeded(
	html: string,
	url: string,
	read: (url: string) => Promise<string>
): Promise<Map<string, string>> {
	const found = new Map<string, string>();
	const waiting = [...html.matchAll(NAMED)].map(([, path = '']) => new URL(path, url).href);
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		if (found.has(next)) continue;
		const text = await read(next);
		found.set(next, text);
		for (const [, path = ''] of text.matchAll(STATIC)) waiting.push(new URL(path, next).href);
	}
	return found;
}
