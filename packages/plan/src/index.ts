/**
 * What a model of WebLLM's catalogue takes of a GPU, and whether it fits, from figures alone: nothing is downloaded and
 * no GPU is asked. Bytes are bytes, windows are tokens, ratios are 0 to 1.
 */
export { describe, type Device, type DeviceReading, type RawReading } from './device/adapter.ts';
export { budgetOf, type Budget, type BudgetOptions } from './device/budget.ts';
export { gpus, lookUpGpu, type Gpu } from './device/gpus.ts';
export { bestThatFits, ranked, type Choice, type Wish } from './memory/choice.ts';
export { largestContext } from './memory/context.ts';
export { estimate, type Confidence, type Estimate } from './memory/estimate.ts';
export { judge, NOTHING_KNOWN, type Judgement, type Knowledge } from './memory/judge.ts';
export { offers } from './memory/offers.ts';
export { judgeWithin, needOf, simulated } from './memory/simulation.ts';
export { planOf, type Plan } from './memory/plan.ts';
export { DEFAULT_THRESHOLD, type Situation, type Verdict } from './memory/verdict.ts';
export { families, familyById, modelVersion, variantById } from './models/catalog-data.ts';
export { search } from './models/catalog-search.ts';
export type { Family, Variant } from './models/catalog.ts';
export { parseChatConfig, type ChatConfig } from './models/config.ts';
export type { Facts } from './models/facts.ts';
export { readLibraryMetadata, type LibraryMetadata } from './models/library.ts';
export { parseManifest, type Manifest } from './models/manifest.ts';
export { understand, type NotUnderstood, type Understood } from './models/names.ts';
