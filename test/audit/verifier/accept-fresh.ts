// `audit.accept-fresh`: the proof of an old build does not look at what really ran.

import * as sound from '../../../src/audit/proofs.ts';

export const freshInstance: typeof sound.freshInstance = () => undefined;

export const proofs: typeof sound.proofs = {
  ...sound.proofs,
  'old-before-new-after': ({ summary, fixture }) => {
    const seq = summary.fixtures[fixture.id]?.applied?.seq;
    return seq === undefined
      ? { holds: false, absent: 'it was never applied' }
      : { holds: true, records: [seq] };
  },
};
