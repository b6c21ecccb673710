// What tests import as fast-check: the same library with a seed of ours, so that a run says the same
// of the same code wherever and whenever it is asked. With SEATRIAL_FUZZ set, each run takes a seed of
// its own: that is how new counterexamples are looked for, and it gates no change.

import * as fc from '../node_modules/fast-check/lib/fast-check.js';

if (process.env['SEATRIAL_FUZZ'] === undefined) fc.configureGlobal({ seed: 4711 });

// eslint-disable-next-line no-restricted-syntax -- it stands for the whole library
export * from '../node_modules/fast-check/lib/fast-check.js';
export { default } from '../node_modules/fast-check/lib/fast-check.js';
