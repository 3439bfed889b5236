import type { ModelRecord } from '@mlc-ai/web-llm';
import type { Variant } from '#plan/models/catalog.ts';
import type { ChatConfig } from '#plan/models/config.ts';
import { absoluteUrls, modelBaseUrl } from './catalog-record.ts';

/** Features without which a variant cannot run: what its record names and what its quantization needs. */
export function requiredFeatures(variant: Variant): string[] {
	const features = new Set(variant.requiredFeatures);
	if (variant.quantization.needsShaderF16) features.add('shader-f16');
	return [...features];
}

/**
 * The windows as the engine takes them: it refuses a context window beside a sliding one, so that a model that slides
 * by its config gets the chosen window as its sliding one, no larger than it was made for.
 */
function windows(contextWindow: number, config: Windows | undefined): Record<string, number> {
	if (!config?.slidingWindowSize || config.contextWindowSize)
		return { context_window_size: contextWindow };
	return {
		context_window_size: -1,
		sliding_window_size: Math.min(contextWindow, config.slidingWindowSize)
	};
}

type Windows = Pick<ChatConfig, 'contextWindowSize' | 'slidingWindowSize'>;

/** The record handed to WebLLM for one load; its `model` names the revision, so that nothing is left to guess. */
export function engineRecord(
	variant: Variant,
	contextWindow: number,
	baseUrl: string,
	revision = 'main',
	config?: Windows
): ModelRecord {
	const absolute = absoluteUrls(variant, baseUrl);
	return {
		model: modelBaseUrl(absolute, revision),
		model_id: variant.id,
		model_lib: absolute.libraryUrl,
		model_type: variant.modelType,
		overrides: { ...variant.overrides, ...windows(contextWindow, config) },
		required_features: requiredFeatures(variant),
		...(variant.requiredBindingBytes !== null && {
			buffer_size_required_bytes: variant.requiredBindingBytes
		}),
		...(variant.modelManifest !== null && { model_manifest: variant.modelManifest })
	};
}
