import { ownName } from '../kit/names.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { parseQuality, type QualityRecords } from '../quality/record.ts';
import { parseStatistics, type Statistics } from '../statistics/record.ts';

/** What was measured in this browser, as it is kept. */
export interface Measured {
	statistics: Pick<Persisted<Statistics>, keyof Persisted<Statistics>>;
	quality: Pick<Persisted<QualityRecords>, keyof Persisted<QualityRecords>>;
}

/** `database`: of the settings, which hold the statistics. */
export const keptMeasured = (database: string, baseUrl: string): Measured => ({
	statistics: new Persisted('statistics', parseStatistics, database),
	quality: new Persisted('results', parseQuality, ownName('headroom-quality', baseUrl))
});
