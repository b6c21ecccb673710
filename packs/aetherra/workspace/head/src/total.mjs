import { parse } from './parse.mjs';

/** The sum of the values. */
export const total = (text) => parse(text).reduce((sum, [, value]) => sum + Number(value), 0);
