import type { Verdict } from './verdict.ts';

/** The verdict in a word or two. */
export const wordOf = ({ kind, reasons }: Pick<Verdict, 'kind' | 'reasons'>): string =>
	kind === 'tight' && reasons[0]?.code === 'may-fit' ? 'may fit' : kind;
