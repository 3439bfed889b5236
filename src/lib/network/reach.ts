import { MODEL_HOSTS } from './policy.ts';

/** Hosts that the files worker may reach beside the site's own: none in offline mode. */
export const reachableHosts = ({
	airplane,
	extraHosts
}: {
	airplane: boolean;
	extraHosts: readonly string[];
}): readonly string[] => (airplane ? [] : [...MODEL_HOSTS, ...extraHosts]);
