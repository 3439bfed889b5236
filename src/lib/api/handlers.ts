import * as v from 'valibot';
import { matrixProblem } from '#plan/adapt/matrix.ts';
import type { App } from '../app/app.svelte.ts';
import { permissionsOf, type Door } from '../settings/permissions.ts';
import { chat, generate } from './chat.ts';
import { ApiError, asApiError } from './error.ts';
import { load, mustNotBeBlocked, wanted } from './loading.ts';
import { modelNamed } from './models.ts';
import { notAnswered } from './not-answered.ts';
import { adaptationOf, ownersOf, reading } from './reading.ts';
import {
	CALLS,
	type CallName,
	type Chunk,
	type Input,
	type Output,
	type Streamed
} from './schemas.ts';
import { inTurn } from './turn.ts';

export interface CallOptions {
	signal?: AbortSignal | undefined;
	/** What is said of the answer as it grows. */
	onChunk?: ((chunk: Chunk<Streamed>) => void) | undefined;
}

/**
 * All that programs can ask of the page, through one door. Input is checked before anything else, and what is answered
 * leaves through the schema too: nothing that is not in it gets out. Fails with an ApiError only.
 */
export class Handlers {
	readonly #app: App;
	readonly #door: Door;

	constructor(app: App, door: Door) {
		this.#app = app;
		this.#door = door;
	}

	async call<N extends CallName>(
		name: N,
		input: unknown,
		options: CallOptions = {}
	): Promise<Output<N>> {
		try {
			const { needs, output } = callNamed(name);
			const parsed = parsedInput(name, input);
			if (!this.#app.ready)
				throw new ApiError('not_ready', 'The page has not started yet. Ask again in a moment.');
			if (needs !== null) await this.#permit();
			const answer = await this.#answer(name, parsed, options);
			return v.parse(output, answer);
		} catch (thrown) {
			throw asApiError(thrown);
		}
	}

	/** Checks the input of a call alone. Throws an ApiError. */
	check(name: CallName, input: unknown) {
		parsedInput(name, input);
	}

	async #permitted(): Promise<boolean> {
		const kept = permissionsOf(this.#app);
		await kept.ready;
		return kept.current[this.#door];
	}

	async #permit() {
		if (await this.#permitted()) return;
		throw new ApiError(
			'permission_denied',
			'Programs may not load, delete, change settings or ask your own servers here. Allow it in the page’s settings, under “Programs”.'
		);
	}

	async #answer(name: CallName, input: unknown, { signal, onChunk }: CallOptions) {
		const app = this.#app;
		const as = <N extends CallName>() => input as Input<N>;
		const permit = () => this.#permit();
		const push = onChunk ?? (() => {});
		switch (name) {
			case 'status':
				return reading.status(app, await this.#permitted());
			case 'prediction':
				return reading.prediction(app, as<'prediction'>());
			case 'options':
				return reading.options(app, as<'options'>());
			case 'calculate':
				return reading.calculate(app, as<'calculate'>());
			case 'cache':
				return reading.cache(app);
			case 'statistics':
				return reading.statistics(app, as<'statistics'>());
			case 'comparison':
				return reading.comparison(app, as<'comparison'>());
			case 'settings':
				return reading.settings(app);
			case 'memory':
				return reading.memory(app);
			case 'policy':
				return reading.policy(app);
			case 'models':
				return reading.models(app);
			case 'exists':
				return reading.exists(app, as<'exists'>());
			case 'reload':
				return this.#reload(as<'reload'>(), signal);
			case 'clearCache':
				return this.#clearCache(as<'clearCache'>());
			case 'clearStatistics':
				return this.#clearStatistics();
			case 'setSettings':
				await app.settings.set(as<'setSettings'>());
				return reading.settings(app);
			case 'setPolicy':
				return this.#setPolicy(as<'setPolicy'>());
			case 'chat':
				return chat(app, as<'chat'>(), { signal, permit }, push);
			case 'generate':
				return generate(app, as<'generate'>(), { signal, permit }, push);
		}
	}

	async #reload(input: Input<'reload'>, outer: AbortSignal | undefined): Promise<Output<'reload'>> {
		const app = this.#app;
		const want = wanted(app, input);
		mustNotBeBlocked(app, want);
		return inTurn(app, outer, async (signal) => {
			// It may have been taken back while this waited.
			await this.#permit();
			const { variant, contextWindow, result } = await load(app, want, signal);
			return {
				model: variant.id,
				understood: want.understood,
				quantization: variant.quantization.name,
				contextWindow,
				bytes: result.afterLoadBytes,
				loadMs: result.loadMs
			};
		});
	}

	async #clearCache(input: Input<'clearCache'>): Promise<Output<'clearCache'>> {
		const { files } = this.#app;
		if ('all' in input) return { understood: null, freedBytes: await files.removeAll() };
		const { variant, sentence } = modelNamed(this.#app, input.model);
		const owners = ownersOf(this.#app);
		let freedBytes = 0;
		for (const { askedUrl, baseUrl } of await files.list())
			if (owners.get(askedUrl) === variant) freedBytes += await files.remove(baseUrl);
		return { understood: sentence, freedBytes };
	}

	async #setPolicy(change: Input<'setPolicy'>): Promise<Output<'policy'>> {
		const problem = change.matrix && matrixProblem(change.matrix);
		if (problem != null) throw new ApiError('invalid_input', problem, 'matrix');
		await adaptationOf(this.#app).policy.set(change);
		return reading.policy(this.#app);
	}

	async #clearStatistics(): Promise<Output<'clearStatistics'>> {
		const tally = await this.#app.counting.made();
		const cleared = tally.records.length;
		await tally.clear();
		return { cleared };
	}
}

function callNamed(name: string): (typeof CALLS)[CallName] {
	if (Object.hasOwn(CALLS, name)) return CALLS[name as CallName];
	throw new ApiError(
		'unknown_call',
		`Expected one of ${Object.keys(CALLS).join(', ')}; found “${String(name).slice(0, 100)}”.`
	);
}

function parsedInput(name: CallName, input: unknown) {
	const parsed = v.safeParse(callNamed(name).input, input ?? {});
	if (!parsed.success) throw invalid(parsed.issues[0]);
	const not = notAnswered(name, input);
	if (not)
		throw new ApiError(
			'invalid_input',
			`“${not.field}” asks for ${not.means}, which this page does not have. Leave it out.`,
			not.field
		);
	return parsed.output;
}

function invalid(issue: v.BaseIssue<unknown>): ApiError {
	const path = v.getDotPath(issue);
	return new ApiError(
		'invalid_input',
		`${path === null ? 'The input' : `“${path}”`} is not as expected. ${issue.message}.`,
		path
	);
}
