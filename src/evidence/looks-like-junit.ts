// Recognised apart from being read: nearly every output is asked, and hardly any needs the parser.

const headLength = 1 << 16;

/** Whether an output claims to be JUnit XML. */
export const looksLikeJunit = (text: string): boolean =>
  /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[\s\S])*-->\s*)*<testsuites?[\s/>]/.test(
    text.slice(0, headLength),
  );
