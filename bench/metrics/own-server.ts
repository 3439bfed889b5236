import { bringLlamaServer, LlamaServer } from '../../tests/support/llama-server.ts';
import type { Lab } from '../lab.ts';
import type { Figures } from '../limits.ts';
import { median } from '../median.ts';
import { useServer } from '../use-server.ts';

/** What the page says of a real llama-server’s speed, with pocket on one thread of this machine. */
export async function ownServer(lab: Lab, answers: number): Promise<Figures> {
	const brought = await bringLlamaServer();
	if ('missing' in brought) throw new Error(`llama.cpp’s server cannot be had: ${brought.missing}`);
	lab.log(`llama-server ${brought.version}`);
	const server = await LlamaServer.start();
	const page = await lab.site();
	try {
		await useServer(page, server.origin, 'Real');
		const message = page.getByLabel('Message', { exact: true });
		const shown = page.getByText(/^[\d.,]+ tokens\/s$/);
		const rates: number[] = [];
		for (let answer = 0; answer < answers; answer++) {
			await message.fill('What is a context window?');
			await message.press('Enter');
			await shown.nth(answer).waitFor();
			const rate = parseFloat((await shown.nth(answer).innerText()).replaceAll(',', ''));
			lab.log(`${rate} tokens/s`);
			rates.push(rate);
		}
		return { ownServerTokensPerSecond: median(rates) };
	} finally {
		await page.close();
		await server.kill();
	}
}
