import fc from 'fast-check';

/** `npm run test:all`: nothing is left out, and everything is tried as often as its test says. */
export const LONG = process.env.LONG === 'too';

/** How many examples of a law `npm test` tries, of those that `npm run test:all` tries. */
const SHARE = 1 / 4;

/** The number of examples of a law whose examples take long: all, or `npm test`'s share of them. */
export const runs = (all: number): number => (LONG ? all : Math.ceil(all * SHARE));

/** For the laws that say no number, too: this file also sets vitest's projects up. */
fc.configureGlobal({ numRuns: runs(100) });
