import * as v from 'valibot';
import { ENTER_KEYS, type EnterKey } from '../chat/enter-key.ts';
import { defaultSampling, parseSampling, type Sampling } from '../engine/sampling.ts';
import type { LeanSetting } from '#plan/memory/lean.ts';
import { PLAIN_HOST } from '../network/policy.ts';
import { isRecord } from '../kit/restore.ts';
import { boundRanges, DEFAULT_BOUND, type Bound } from '../quality/bound.ts';

const MIB = 2 ** 20;
const MAX_BYTES = 2 ** 50;
export const MAX_PRESETS = 200;
export const MAX_PRESET_CHARS = 100_000;
export const MAX_EXTRA_HOSTS = 50;
export const MAX_HOST_CHARS = 253;

export interface Preset {
	id: string;
	name: string;
	text: string;
}

export interface Settings {
	theme: 'system' | 'light' | 'dark';
	/** What Enter does in a message. */
	enterKey: EnterKey;
	/** Ratio to the browser's own text size. */
	textSize: number;
	/** What the person says the GPU has; null: not said. */
	budgetBytes: number | null;
	declaredGpu: string | null;
	reserveBytes: number;
	/** Share of the budget above which loading is blocked; null: the check is off. */
	thresholdRatio: number | null;
	choice: { variantId: string; contextWindow: number } | null;
	sampling: Sampling;
	/** When the page chooses tokens on the CPU; takes effect at the next load. */
	leanSampling: LeanSetting;
	presets: Preset[];
	afterFailure: 'stop' | 'ask' | 'fallback';
	/** From where on a quantization counts as too different from the most precise one. */
	qualityBound: Bound;
	/** null: never. */
	idleUnloadMinutes: number | null;
	/** null: as much as the browser gives. */
	diskLimitBytes: number | null;
	/** The least recently used models are deleted without asking where the limit is exceeded. */
	diskCleanUp: boolean;
	airplane: boolean;
	/** Hosts that the person added to those models may come from. */
	extraHosts: string[];
}

export const settingRanges = {
	textSize: { min: 0.8, max: 1.5, step: 0.05 },
	thresholdRatio: { min: 0.5, max: 1, step: 0.01 },
	idleUnloadMinutes: { min: 1, max: 1440, step: 1 }
} as const;

export const defaultSettings: Settings = {
	theme: 'system',
	enterKey: 'auto',
	textSize: 1,
	budgetBytes: null,
	declaredGpu: null,
	reserveBytes: 512 * MIB,
	thresholdRatio: 0.9,
	choice: null,
	sampling: defaultSampling,
	leanSampling: 'automatic',
	presets: [],
	afterFailure: 'ask',
	qualityBound: DEFAULT_BOUND,
	idleUnloadMinutes: null,
	diskLimitBytes: null,
	diskCleanUp: false,
	airplane: false,
	extraHosts: []
};

const within = ({ min, max }: { min: number; max: number }) =>
	v.pipe(
		v.number(),
		v.finite(),
		v.transform((value) => Math.min(max, Math.max(min, value)))
	);
const Bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_BYTES));
const Name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200));
const Host = v.pipe(
	v.string(),
	v.trim(),
	v.toLowerCase(),
	v.maxLength(MAX_HOST_CHARS),
	v.regex(PLAIN_HOST)
);
const PresetSchema = v.object({
	id: Name,
	name: Name,
	text: v.pipe(v.string(), v.maxLength(MAX_PRESET_CHARS))
});

/** Keeps the usable items of a list. */
const each = <T>(item: v.GenericSchema<unknown, T>, max: number) =>
	v.pipe(
		v.array(v.unknown()),
		v.transform((list) =>
			list
				.flatMap((raw) => {
					const result = v.safeParse(item, raw);
					return result.success ? [result.output] : [];
				})
				.slice(0, max)
		)
	);

const d = defaultSettings;
/** Every field stands for itself: one that is missing or wrong takes its default, and the others stay. */
const or = <T>(schema: v.GenericSchema<unknown, T>, fallback: T) =>
	v.fallback(
		v.optional(schema, () => fallback),
		() => fallback
	);

const SettingsSchema = v.object({
	theme: or(v.picklist(['system', 'light', 'dark']), d.theme),
	enterKey: or(v.picklist(ENTER_KEYS), d.enterKey),
	textSize: or(within(settingRanges.textSize), d.textSize),
	budgetBytes: or(v.nullable(Bytes), d.budgetBytes),
	declaredGpu: or(v.nullable(Name), d.declaredGpu),
	reserveBytes: or(Bytes, d.reserveBytes),
	thresholdRatio: or(v.nullable(within(settingRanges.thresholdRatio)), d.thresholdRatio),
	choice: or(
		v.nullable(
			v.object({
				variantId: Name,
				contextWindow: v.pipe(v.number(), v.safeInteger(), v.minValue(1))
			})
		),
		d.choice
	),
	sampling: v.pipe(
		v.optional(v.unknown(), {}),
		v.transform((raw) => parseSampling(raw))
	),
	leanSampling: or(v.picklist(['automatic', 'always', 'never']), d.leanSampling),
	presets: or(each(PresetSchema, MAX_PRESETS), d.presets),
	afterFailure: or(v.picklist(['stop', 'ask', 'fallback']), d.afterFailure),
	qualityBound: or(
		v.object({
			sameToken: within(boundRanges.sameToken),
			divergence: within(boundRanges.divergence)
		}),
		d.qualityBound
	),
	idleUnloadMinutes: or(v.nullable(within(settingRanges.idleUnloadMinutes)), d.idleUnloadMinutes),
	diskLimitBytes: or(v.nullable(Bytes), d.diskLimitBytes),
	diskCleanUp: or(v.boolean(), d.diskCleanUp),
	airplane: or(v.boolean(), d.airplane),
	extraHosts: or(each(Host, MAX_EXTRA_HOSTS), d.extraHosts)
});

/** Settings from storage or a file: whatever is not usable takes its default. */
export function parseSettings(raw: unknown): Settings {
	return v.parse(SettingsSchema, isRecord(raw) ? raw : {});
}
