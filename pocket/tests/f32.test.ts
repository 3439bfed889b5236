import { describe, inject } from 'vitest';
import { variantNames, variants } from '../model/architecture.ts';
import { describeVariant } from './variant.ts';

describe.each(variantNames.filter((name) => variants[name].float === 'f32'))('%s', (name) => {
	describeVariant(name, () => inject('chromium').path);
});
