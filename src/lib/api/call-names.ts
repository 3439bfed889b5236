import type { CallName } from './schemas.ts';

/** Apart from the schemas, so that naming the calls does not fetch them. */
const NAMES: Readonly<Record<CallName, true>> = {
	status: true,
	prediction: true,
	options: true,
	calculate: true,
	reload: true,
	cache: true,
	clearCache: true,
	statistics: true,
	clearStatistics: true,
	comparison: true,
	settings: true,
	setSettings: true,
	memory: true,
	policy: true,
	setPolicy: true,
	models: true,
	exists: true,
	chat: true,
	generate: true
};

export const CALL_NAMES = Object.keys(NAMES) as CallName[];
