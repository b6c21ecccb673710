// Limits of aether.md §7: what is beyond them is refused with E_LIMIT, never with a crash.

export const bytesMax = 4 * 1024 * 1024;
export const bracketDepthMax = 200;
export const blockDepthMax = 60;
/** Diagnostics shown per file; the rest are counted. */
export const diagnosticsMax = 100;
