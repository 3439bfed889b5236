/** Tag of what is slow or resembles others: left out of `npm test`, and part of `npm run test:all`. */
export const LONG = '@long';
