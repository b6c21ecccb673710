import stringWidth from 'string-width';

const plain = /^[ -~]*$/;

/** How many columns of a terminal a text takes. Nearly all texts are plain, which is told at once. */
export const columnsOf = (text: string): number =>
  plain.test(text) ? text.length : stringWidth(text);
