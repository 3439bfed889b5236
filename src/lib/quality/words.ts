import { count, percent } from '#plan/words.ts';
import type { Bound } from './alert.ts';
import { ENOUGH_POSITIONS, LEAST_POSITIONS, type Estimated, type Summary } from './summary.ts';
