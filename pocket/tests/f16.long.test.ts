import { describe, inject } from 'vitest';
import { variantNames, variants } from '../model/architecture.ts';
import { describeVariant } from './variant.ts';

const f16 = inject('f16Chromium');
const because = f16.path === undefined ? ` (skipped: ${f16.reason})` : '';

describe
	.skipIf(f16.path === undefined)
	.each(variantNames.filter((name) => variants[name].float === 'f16'))(`%s${because}`, (name) => {
	describeVariant(name, () => f16.path);
});
