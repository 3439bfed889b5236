/** What a page tells the service worker: to keep the site for a visit without a network. */
export const KEEP = 'headroom-keep';
/** To take charge of a page that has no service worker although there is one. */
export const CLAIM = 'headroom-claim';
