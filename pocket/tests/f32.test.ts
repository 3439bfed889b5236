import { describe, inject } from 'vitest';
import { variants } from '../model/architecture.ts';
import { tried } from './tried.ts';
import { describeVariant } from './variant.ts';

describe.each(tried.filter((name) => variants[name].float === 'f32'))('%s', (name) => {
	describeVariant(name, () => inject('chromium').path);
});
