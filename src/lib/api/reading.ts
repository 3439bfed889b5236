import { calculate } from '#plan/memory/calculator.ts';
import { bestThatFits, BALANCED } from '#plan/memory/choice.ts';
import { pressureOf } from '#plan/memory/pressure.ts';
import { predict } from '#plan/memory/request.ts';
import { bitsPerWeight, parseQuantization } from '#plan/models/quantization.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { App } from '../app/app.svelte.ts';
import { modelsInUse } from '../files/in-use.ts';
import { engineIdOf } from '../remote/record.ts';
import { failedOf, successRatio } from '../statistics/outcomes.ts';
import { deviation, type Spread } from '../statistics/spread.ts';
import type { VariantRecord } from '../statistics/record.ts';
import type { RequestQueue } from '../runner/requests.ts';
import { ApiError } from './error.ts';
import { answersNow, lookUp, modelNamed, optionOf, windowOf } from './models.ts';
import { API_VERSION, type Input, type Output } from './schemas.ts';

/** An own model's id begins with its owner. */
function publisherOf({ origin, id }: Variant): string {
	if (origin === 'own') return id.split('/')[0] ?? 'own';
	return origin === 'pocket' ? 'headroom' : 'mlc-ai';
}

/** What changes nothing, and needs nobody's leave. */
export const reading = {
	status(app: App, permitted: boolean): Output<'status'> {
		const { loader, planning } = app;
		return {
			version: API_VERSION,
			device: deviceOf(app),
			memory: reading.memory(app),
			queue: queueOf(app.answers.queue),
			loader: loader.status.kind,
			loaded: [loader.loaded, loader.standby].flatMap((each) => (each ? loadedOf(app, each) : [])),
			servers: (app.servers?.list ?? []).map((server) => ({
				model: engineIdOf(server),
				name: server.name,
				contextWindow: server.contextWindow,
				answering: answersNow(app, server)
			})),
			recommended: recommended(app, planning.situation.budget !== null),
			permitted
		};
	},

	memory({ loader, hardware, planning }: App): Output<'memory'> {
		const pressure = pressureOf(planning.situationNow);
		return {
			state: pressure?.word ?? 'unknown',
			sentence: pressure?.sentence ?? null,
			usedBytes: loader.meter.liveBytes,
			peakBytes: loader.meter.peakBytes,
			budgetBytes: hardware.budget?.bytes ?? null,
			reserveBytes: hardware.budget?.reserveBytes ?? null,
			source: hardware.budget?.explanation ?? null
		};
	},

	prediction(app: App, { model, inputTokens, outputTokens }: Input<'prediction'>) {
		const named = model === undefined ? null : modelNamed(app, model);
		const variant = named?.variant ?? app.running.answeringVariant;
		const contextWindow = windowOf(app, variant);
		const { estimate, verdict } = app.planning.planOf(variant, contextWindow);
		const { totalTokens, overTokens, seconds } = predict(
			inputTokens,
			outputTokens,
			contextWindow,
			app.counting.tally?.speedsOf(variant) ?? null
		);
		return {
			model: variant.id,
			understood: named?.sentence ?? null,
			contextWindow,
			totalTokens,
			marginTokens: contextWindow - totalTokens,
			fits: overTokens === 0,
			seconds,
			bytes: estimate?.peakBytes ?? null,
			verdict: verdict.kind
		} satisfies Output<'prediction'>;
	},

	async options(app: App, { model, contextWindow }: Input<'options'>): Promise<Output<'options'>> {
		const named = model === undefined ? null : modelNamed(app, model);
		const complete = new Set(
			(await app.files.list()).flatMap(({ askedUrl, state }) =>
				state === 'complete' ? [askedUrl] : []
			)
		);
		const families = named ? [named.family] : app.catalog.families;
		return {
			understood: named?.sentence ?? null,
			options: families.flatMap((family) =>
				family.variants.map((variant) =>
					optionOf(app, family, variant, {
						contextWindow,
						downloaded: complete.has(app.catalog.sourceOf(variant).baseUrl)
					})
				)
			)
		};
	},

	calculate(app: App, input: Input<'calculate'>): Output<'calculate'> {
		const { parametersBillion, model, priority, contextWindow } = input;
		const floor = input.floor === undefined ? null : parseQuantization(input.floor);
		if (parametersBillion !== undefined) {
			const { budget, threshold } = app.planning.situation;
			const most = budget ? budget.bytes * (threshold === 'off' ? 1 : threshold) : null;
			return {
				understood: null,
				sizes: SIZES.filter(
					(each) => !floor || bitsPerWeight(each) >= bitsPerWeight(floor)
				).flatMap((quantization) => {
					const size = { kind: 'parameters', parameters: parametersBillion * 1e9 } as const;
					const estimate = calculate(size, quantization, contextWindow);
					if (!estimate) return [];
					const { weightsBytes, kvBytes, peakBytes, mostBytes } = estimate;
					return [
						{
							quantization: quantization.name,
							weightsBytes,
							kvBytes,
							bytes: peakBytes,
							mostBytes,
							fits: most === null ? null : mostBytes <= most
						}
					];
				}),
				best: null
			};
		}
		const named = model === undefined ? null : modelNamed(app, model);
		const families = named ? [named.family] : app.catalog.families;
		const best = bestThatFits(
			families,
			{ priority, floor, contextWindow },
			(variant) => app.experience.knownOf(variant),
			app.planning.situation
		);
		return {
			understood: named?.sentence ?? null,
			sizes: [],
			best: best && {
				model: best.variant.id,
				quantization: best.variant.quantization.name,
				contextWindow: best.contextWindow,
				bytes: best.estimate?.peakBytes ?? null,
				sentence: best.sentence
			}
		};
	},

	async cache(app: App): Promise<Output<'cache'>> {
		const [list, inUse, room] = await Promise.all([
			app.files.list(),
			modelsInUse(),
			navigator.storage.estimate().catch(() => null)
		]);
		const owners = ownersOf(app);
		const libraries = new Map<string | null, number>();
		for (const { libraryUrl, bytes, freedBytes } of list)
			libraries.set(libraryUrl, bytes - freedBytes);
		const shared = [...libraries.values()].reduce((sum, bytes) => sum + bytes, 0);
		return {
			models: list.map((model) => ({
				model: owners.get(model.askedUrl)?.id ?? null,
				state: model.state,
				bytes: model.bytes,
				freedBytes: model.freedBytes,
				files: model.files,
				uses: model.uses,
				lastUsedAt: model.lastUsedAt,
				inUse: inUse.has(model.askedUrl)
			})),
			totalBytes: list.reduce((sum, { freedBytes }) => sum + freedBytes, shared),
			usedBytes: room?.usage ?? null,
			quotaBytes: room?.quota ?? null
		};
	},

	async statistics(app: App, { model }: Input<'statistics'>): Promise<Output<'statistics'>> {
		const named = model === undefined ? null : modelNamed(app, model);
		const tally = await app.counting.made();
		return {
			understood: named?.sentence ?? null,
			models: tally.records
				.filter(({ variantId }) => !named || variantId === named.variant.id)
				.map(statisticsOf)
		};
	},

	async comparison(app: App, { models }: Input<'comparison'>): Promise<Output<'comparison'>> {
		const tally = await app.counting.made();
		const rows = models.map((model) => {
			const { family, variant, sentence } = modelNamed(app, model);
			const option = optionOf(app, family, variant, { downloaded: false });
			const record = tally.of(variant);
			return { variant, sentence, option, record };
		});
		const baseline = rows[0]?.option;
		return {
			baseline: baseline?.model ?? '',
			models: rows.map(({ variant, sentence, option, record }) => ({
				model: variant.id,
				understood: sentence,
				bytes: option.bytes,
				savedBytes:
					baseline?.bytes != null && option.bytes !== null ? baseline.bytes - option.bytes : null,
				tokensPerSecond: option.tokensPerSecond,
				measured: option.measured,
				speedUp:
					baseline?.tokensPerSecond && option.tokensPerSecond !== null
						? option.tokensPerSecond / baseline.tokensPerSecond
						: null,
				firstTokenMs: record && record.firstTokenMs.count > 0 ? record.firstTokenMs.mean : null,
				successRatio: record && successRatio(record.answers),
				answers: option.answers
			}))
		};
	},

	settings(app: App): Output<'settings'> {
		const { thresholdRatio, reserveBytes, leanSampling, afterFailure, idleUnloadMinutes } =
			app.settings.current;
		const { variant, contextWindow } = app.selection;
		return {
			thresholdRatio,
			reserveBytes,
			leanSampling,
			afterFailure,
			idleUnloadMinutes,
			model: variant.id,
			quantization: variant.quantization.name,
			contextWindow
		};
	},

	policy(app: App): Output<'policy'> {
		const { mode, matrix, pace, priority, floor, allowWindow, allowFamily } =
			adaptationOf(app).policy.current;
		const { memory, load, cells } = matrix;
		return {
			mode,
			matrix: { memory: [...memory], load: [...load], cells: cells.map((row) => [...row]) },
			pace,
			priority,
			floor,
			allowWindow,
			allowFamily
		};
	},

	models(app: App): Output<'models'> {
		return {
			object: 'list',
			data: [
				...app.catalog.families.flatMap((family) =>
					family.variants.map((variant) => ({
						...LISTED,
						id: variant.id,
						owned_by: publisherOf(variant),
						family: family.name,
						quantization: variant.quantization.name,
						loaded: app.loader.loaded?.variant === variant
					}))
				),
				...(app.servers?.list ?? []).map((server) => ({
					...LISTED,
					id: engineIdOf(server),
					owned_by: 'own server',
					family: server.model || server.name,
					quantization: '',
					loaded: answersNow(app, server)
				}))
			]
		};
	},

	exists(app: App, { model }: Input<'exists'>): Output<'exists'> {
		const found = lookUp(app, model);
		const { sentence: understood } = found;
		switch (found.kind) {
			case 'variant':
				return { exists: true, model: found.variant.id, understood, candidates: [] };
			case 'server':
				return { exists: true, model: engineIdOf(found.server), understood, candidates: [] };
			case 'ambiguous':
			case 'unknown':
				return { exists: false, model: null, understood, candidates: [...found.candidates] };
		}
	}
};

/** OpenAI's clients expect a time; neither the catalogue nor a server has one. */
const LISTED = { object: 'model', created: 0 } as const;

const SIZES = ['q0f32', 'q0f16', 'q4f32_1', 'q4f16_1', 'q3f16_1'].flatMap(
	(name) => parseQuantization(name) ?? []
);

/** Throws a `not_ready` error until its script has come. */
export function adaptationOf({ adaptation }: App) {
	if (adaptation) return adaptation;
	throw new ApiError('not_ready', 'The page is still starting. Ask again in a moment.');
}

export const ownersOf = ({ catalog }: App): ReadonlyMap<string, Variant> =>
	new Map(catalog.variants().map((variant) => [catalog.sourceOf(variant).baseUrl, variant]));

function deviceOf({ hardware }: App): Output<'status'>['device'] {
	const { reading, device } = hardware;
	return {
		ready: device !== null,
		problem: reading === null || reading.kind === 'ready' ? null : reading.sentence,
		name: device?.gpuName ?? null,
		vendor: device?.vendor ?? null,
		architecture: device?.architecture ?? null,
		shaderF16: device?.features.includes('shader-f16') ?? false,
		software: device?.software ?? false,
		maxBufferBytes: device?.limits.maxBufferSize ?? null,
		maxBindingBytes: device?.limits.maxStorageBufferBindingSize ?? null
	};
}

/** Whose requests wait is nobody's business: a title is part of a conversation. */
export const queueOf = ({ running, waiting, held }: RequestQueue): Output<'status'>['queue'] => ({
	running: running?.class ?? null,
	waiting: waiting.length,
	waitingPrograms: waiting.filter((request) => request.class === 'program').length,
	held: held?.message ?? null
});

function loadedOf(
	{ catalog, counting, loader }: App,
	{ variant, contextWindow, result }: NonNullable<App['loader']['loaded']>
): Output<'status'>['loaded'][number] {
	return {
		model: variant.id,
		family: catalog.familyOf(variant).name,
		quantization: variant.quantization.name,
		contextWindow,
		// The meter counts all that is loaded.
		bytes: loader.standby ? result.afterFirstTokenBytes : loader.meter.liveBytes,
		uses: counting.tally?.of(variant)?.answers.begun ?? 0
	};
}

function recommended(app: App, budgeted: boolean): Output<'status'>['recommended'] {
	if (!budgeted) return null;
	const best = bestThatFits(
		app.catalog.families,
		BALANCED,
		(variant) => app.experience.knownOf(variant),
		app.planning.situation
	);
	return (
		best && {
			model: best.variant.id,
			contextWindow: best.contextWindow,
			bytes: best.estimate?.peakBytes ?? null,
			sentence: best.sentence
		}
	);
}

function statisticsOf(record: VariantRecord): Output<'statistics'>['models'][number] {
	const { answers, loads } = record;
	return {
		model: record.variantId,
		answers: {
			begun: answers.begun,
			complete: answers.complete,
			stopped: answers.stopped,
			failed: failedOf(answers),
			successRatio: successRatio(answers)
		},
		loads: { begun: loads.begun, complete: loads.complete, failed: failedOf(loads) },
		decodeTokensPerSecond: spreadOf(record.decode),
		prefillTokensPerSecond: spreadOf(record.prefill),
		firstTokenMs: spreadOf(record.firstTokenMs),
		loadMs: spreadOf(record.loadMs)
	};
}

const spreadOf = (spread: Spread) =>
	spread.count === 0
		? null
		: {
				count: spread.count,
				mean: spread.mean,
				deviation: deviation(spread),
				min: spread.min,
				max: spread.max
			};
