import type { Answer, Ask } from './engine.worker.ts';

const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });

declare global {
	interface Window {
		ask(ask: Ask): Promise<Answer>;
	}
}

window.ask = (ask) =>
	new Promise((resolve, reject) => {
		worker.onerror = (event) => reject(new Error(event.message));
		worker.onmessage = ({ data }: MessageEvent<Answer | string>) => {
			if (typeof data === 'string') reject(new Error(data));
			else resolve(data);
		};
		worker.postMessage(ask);
	});
