import { parse } from './parse.mjs';

export const count = (text) => parse(text).length;
