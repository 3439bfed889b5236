import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observeAnswer } from './observe.ts';
import { NO_STATISTICS, recordOf } from './record.ts';
import {
	bandwidthOf,
	bytesPerToken,
	estimateSpeed,
	measuredSpeed,
	speedsOf,
	tokensPerSecondOf,
	type Bandwidth
} from './speed.ts';
import { aKey, anAnswer } from './statistics.fixture.ts';

const GB = 1e9;
const reading = { weightsBytes: 4 * GB, kvBytesPerToken: 100_000 };
const record = recordOf(observeAnswer(NO_STATISTICS, aKey(), anAnswer()), aKey())!;
const measured: Bandwidth = { variantId: 'm', bytesPerToken: 4 * GB, bytesPerSecond: 200 * GB };

test('a run shows the bytes it read per second: weights and the cache at its depth', () => {
	expect(bandwidthOf(record, reading)).toEqual({
		variantId: record.variantId,
		bytesPerToken: bytesPerToken(reading, 100),
		bytesPerSecond: 25 * (4 * GB + 100 * 100_000)
	});
});

test('what came with a conversation shows no bandwidth of this device', () => {
	const kept = record.recent.map((rate) => ({ ...rate, kept: true as const }));
	expect(bandwidthOf({ ...record, recent: kept }, reading)).toBeNull();
});

describe('the estimate for what was not measured', () => {
	test('says of a model as it was measured what was measured', () => {
		fc.assert(
			fc.property(
				fc.double({ min: 1, max: 500, noNaN: true }),
				fc.double({ min: 1e6, max: 1e10, noNaN: true }),
				(rate, weightsBytes) => {
					const own = { weightsBytes, kvBytesPerToken: 0 };
					const answer = anAnswer({ decodeTokensPerSecond: rate });
					const seen = recordOf(observeAnswer(NO_STATISTICS, aKey(), answer), aKey())!;
					const bandwidth = bandwidthOf(seen, own)!;
					expect(estimateSpeed(own, [bandwidth])!.tokensPerSecond / rate).toBeCloseTo(1, 9);
				}
			)
		);
	});

	test('of half the bytes is twice the speed', () => {
		const half = estimateSpeed({ weightsBytes: 2 * GB, kvBytesPerToken: 0 }, [measured]);
		expect(half?.tokensPerSecond).toBeCloseTo(100, 9);
		expect(half).toMatchObject({ kind: 'estimated', fromVariantId: 'm' });
	});

	test('goes by the measured variant nearest in size', () => {
		const small = { variantId: 's', bytesPerToken: 1 * GB, bytesPerSecond: 90 * GB };
		const of = (weightsBytes: number) =>
			estimateSpeed({ weightsBytes, kvBytesPerToken: 0 }, [measured, small])?.fromVariantId;
		expect([of(1.5 * GB), of(3 * GB)]).toEqual(['s', 'm']);
	});

	test('is none where nothing near in size was measured, or nothing is known of the size', () => {
		expect(estimateSpeed({ weightsBytes: 40 * GB, kvBytesPerToken: 0 }, [measured])).toBeNull();
		expect(estimateSpeed({ weightsBytes: GB / 10, kvBytesPerToken: 0 }, [measured])).toBeNull();
		expect(estimateSpeed({ weightsBytes: 0, kvBytesPerToken: 0 }, [measured])).toBeNull();
		expect(estimateSpeed({ weightsBytes: NaN, kvBytesPerToken: 0 }, [measured])).toBeNull();
		expect(estimateSpeed(reading, [])).toBeNull();
	});
});

test('seconds are predicted from measurements alone', () => {
	expect(speedsOf(record)).toEqual({ prefillTokensPerSecond: 500, decodeTokensPerSecond: 25 });
	expect(speedsOf(null)).toBeNull();
	expect(measuredSpeed(null)).toBeNull();
	expect(tokensPerSecondOf(measuredSpeed(record)!)).toBe(25);
});
