import type { OverlayReaders } from '../ports/overlays.ts';
import { looksLikeJunit, readJunit } from '../evidence/read-junit.ts';
import { looksLikeTap, readTap } from '../evidence/read-tap.ts';
import { stripTypes } from './strip-types.ts';

/** What the overlay driver takes from this folder, which it may not import. */
export const overlayReaders: OverlayReaders = {
  readTap,
  readJunit,
  kindOfReport: (text) => {
    if (looksLikeTap(text)) return 'tap';
    return looksLikeJunit(text) ? 'junit' : undefined;
  },
  stripTypes,
};
