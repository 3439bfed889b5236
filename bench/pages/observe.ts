/** Runs in the page before its own scripts: sees what a visitor sees, with times. Types alone are imported. */
import type { Observe } from '../observe.ts';

/** What has not happened by then will not. */
const LIMIT_MS = 60_000;

window.observe = (() => {
	const text = (element: Element | null | undefined) => element?.textContent ?? '';
	const number = (found: RegExpExecArray | null) =>
		Number((found?.[1] ?? 'NaN').replaceAll(',', ''));

	const until: Observe['until'] = (done, act) =>
		new Promise((resolve, reject) => {
			const startMs = performance.now();
			setTimeout(() => reject(new Error(`Nothing for ${LIMIT_MS / 1000} s.`)), LIMIT_MS);
			const look = () => {
				if (!done()) return;
				observer.disconnect();
				void document.body.offsetHeight;
				resolve(performance.now() - startMs);
			};
			const observer = new MutationObserver(look);
			observer.observe(document, {
				subtree: true,
				childList: true,
				characterData: true,
				attributes: true
			});
			// What the act changes is drawn a microtask later: a look before that would see the state before it.
			if (act) act();
			else look();
		});

	const firstList = new Promise<number>((resolve, reject) => {
		const open = indexedDB.open.bind(indexedDB);
		indexedDB.open = (name, version) => {
			if (name.startsWith('headroom-conversations')) {
				indexedDB.open = open;
				until(() => document.querySelector('nav li') !== null).then(resolve, reject);
			}
			return open(name, version);
		};
	});
	// A page without a conversation has no rows.
	firstList.catch(() => undefined);

	const button = (name: string) => {
		const found = [...document.querySelectorAll('button')].find((each) =>
			text(each).trim().replace(/\s+/g, ' ').startsWith(name)
		);
		if (!found || found.disabled) throw new Error(`There is no button "${name}" to click.`);
		return found;
	};
	/** undefined: it has not begun. */
	const nextAnswer = () => {
		const answers = document.getElementsByClassName('assistant');
		const before = answers.length;
		return () => (answers.length > before ? answers[answers.length - 1] : undefined);
	};
	const hasText = (answer: Element | undefined) => /^(?!\s*Reading)\s*\S/.test(text(answer));
	const detailOfNextLoad = () =>
		new Promise<unknown>((resolve) =>
			addEventListener(
				'headroom:loaded',
				(event) => resolve((event as CustomEvent<unknown>).detail),
				{ once: true }
			)
		);
	let loaded = detailOfNextLoad();

	const observe: Observe = {
		firstList,
		loaded: () => loaded,
		longTasksMs: [],
		longFrames: [],
		until,
		async answer() {
			const begun = nextAnswer();
			const startMs = performance.now();
			await until(() => hasText(begun()));
			const firstMs = performance.now();
			await until(() => {
				return text(begun()?.querySelector('footer')).includes('tokens/s');
			});
			const endMs = performance.now();
			const article = begun();
			const footer = text(article?.querySelector('footer'));
			return {
				streamMs: endMs - firstMs,
				firstTextMs: firstMs - startMs,
				tokens: number(/([\d,]+) tokens\b(?!\/)/.exec(footer)),
				saidTokensPerSecond: number(/([\d.,]+) tokens\/s/.exec(footer)),
				chars: text(article?.querySelector('.body')).length
			};
		},
		async open(id, messages) {
			const link = document.querySelector<HTMLElement>(`a[href$="#${id}"]`);
			if (!link) throw new Error('The conversation is not in the list.');
			const articles = document.getElementsByTagName('article');
			const [begins] = /^[^,]+,/.exec(text(link).trim()) ?? [];
			const atEnd = () => text(articles[articles.length - 2]).includes(begins ?? '\0');
			const startMs = performance.now();
			const endMs = await until(atEnd, () => link.click());
			await until(() => articles.length === messages);
			return { endMs, wholeMs: performance.now() - startMs };
		},
		listed(title) {
			const channel = new BroadcastChannel('headroom-conversations /headroom/');
			return new Promise((resolve, reject) => {
				channel.onmessage = () => {
					channel.close();
					until(() =>
						[...document.querySelectorAll('nav li')].some((row) => text(row).includes(title))
					).then(resolve, reject);
				};
			});
		},
		async accepts() {
			const field = () => document.querySelector<HTMLTextAreaElement>('form textarea');
			await until(() => field() !== null);
			const atMs = performance.now();
			const composer = field();
			if (composer) composer.value = 'A message';
			composer?.dispatchEvent(new Event('input', { bubbles: true }));
			// Typed once: what the page was not ready to take would be lost, and Send stay disabled.
			await until(
				() =>
					document.querySelector<HTMLButtonElement>('form button[aria-label=Send]')?.disabled ===
					false
			);
			return atMs;
		},
		search(query) {
			const field = document.querySelector<HTMLInputElement>('input[type=search]');
			if (!field) throw new Error('There is no field to search in.');
			return until(
				() => /\b[1-9]\d* found\./.test(text(field.parentElement)),
				() => {
					field.focus();
					field.value = query;
					field.dispatchEvent(new Event('input', { bubbles: true }));
				}
			);
		},
		choose(id) {
			const select = document.querySelector('select');
			if (!select) throw new Error('There is no choice of quantization.');
			select.value = id;
			return until(
				() => /^(?:exact|measured)/.test(text(document.querySelector('[data-testid=confidence]'))),
				() => select.dispatchEvent(new Event('change', { bubbles: true }))
			);
		},
		firstText(name) {
			const begun = nextAnswer();
			return until(
				() => hasText(begun()),
				() => button(name).click()
			);
		},
		click(name, wanted) {
			loaded = detailOfNextLoad();
			return until(
				() => [...document.querySelectorAll('[role=status]')].some((s) => text(s).includes(wanted)),
				() => button(name).click()
			);
		}
	};
	new PerformanceObserver((list) => {
		for (const { duration } of list.getEntries()) observe.longTasksMs.push(duration);
	}).observe({ type: 'longtask' });
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries()) {
			const { duration, blockingDuration, scripts } = entry as PerformanceEntry & {
				blockingDuration: number;
				scripts: { invoker: string; duration: number; forcedStyleAndLayoutDuration: number }[];
			};
			observe.longFrames.push({
				durationMs: duration,
				blockingMs: blockingDuration,
				scripts: scripts.map(
					(script) =>
						`${script.invoker} ${script.duration.toFixed(0)} ms, layout ${script.forcedStyleAndLayoutDuration.toFixed(0)} ms`
				)
			});
		}
	}).observe({ type: 'long-animation-frame' });
	return observe;
})();
