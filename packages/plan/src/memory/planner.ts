/**
 * All that plans and judges, as one chunk of script: the page takes messages before it has come. Until then nothing is
 * known of any variant.
 */
export { budgetOf } from '../device/budget.ts';
export { calibrationsOf } from './calibrate.ts';
export { estimate } from './estimate.ts';
export { judge, judgeAs } from './judge.ts';
export { recordFailure, recordLoad, recordMeasurement, withoutLibrary } from './learning.ts';
export { observe } from './observe.ts';
export { offers } from './offers.ts';
export { nextSmaller } from './smaller.ts';
