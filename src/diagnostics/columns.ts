import stringWidth from 'string-width';

/** ASCII, Latin letters and the marks that Seatrial prints itself: one column each, whatever is beside them. */
const plain = /^[ -~¡-¬®-ÿ‐-‖‘-‥…‹›←-↓─-╿▸✓✕≠]*$/;

/** How many columns of a terminal a text takes. Nearly all texts are plain, which is told at once. */
export const columnsOf = (text: string): number =>
  plain.test(text) ? text.length : stringWidth(text);
