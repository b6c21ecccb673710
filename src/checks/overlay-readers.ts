import type { OverlayReaders } from '../ports/overlays.ts';
import { looksLikeJunit } from '../evidence/looks-like-junit.ts';
import { looksLikeTap, readTap } from '../evidence/read-tap.ts';
import { stripTypes } from './strip-types.ts';

/** What the overlay driver takes from this folder, which it may not import. */
export const overlayReaders: OverlayReaders = {
  readTap,
  readJunit: async (text) => (await import('../evidence/read-junit.ts')).readJunit(text),
  kindOfReport: (text) => {
    if (looksLikeTap(text)) return 'tap';
    return looksLikeJunit(text) ? 'junit' : undefined;
  },
  stripTypes,
};
