// What an answer may be held against, as people write it in gates.yaml.

import { RE2JS } from 're2js';
import * as z from 'zod';
import { pointerPattern } from './json-pointer.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const typeNames = [
  'string',
  'number',
  'integer',
  'boolean',
  'null',
  'object',
  'array',
  'time',
] as const;

/** Linear in the text, whatever the pattern. */
const pattern = z
  .string()
  .max(1000)
  .refine(isPattern, 'GT008 This is not a regular expression that runs in linear time (RE2).');

export function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}

const rules = z
  .strictObject({
    is: z.enum(typeNames).optional().describe('the type of the value'),
    one_of: z.array(scalar).min(1).optional().describe('the values that are right'),
    matches: pattern.optional().describe('a pattern (RE2) that the text holds somewhere'),
    contains: z.string().min(1).optional().describe('a text that the text holds'),
    min: z.number().optional().describe('the least number'),
    max: z.number().optional().describe('the greatest number'),
    count: z.int().min(0).optional().describe('how many items, members or characters'),
    equals: z.json().optional().describe('the value, compared deeply'),
    same_as: z
      .string()
      .optional()
      .describe('a pointer in this answer, or the id of an earlier check of the gate'),
    changed_since: z.string().optional().describe('the id of an earlier check of the gate'),
  })
  .refine((value) => Object.keys(value).length > 0, 'GT008 Say what is expected.');

export const matcher = z.union([scalar, rules]).describe('a value, or rules such as {min: 1}');
export type Matcher = z.infer<typeof matcher>;

export const pointer = z
  .string()
  .regex(pointerPattern, 'GT008 Write a JSON pointer, such as /items/0/name.')
  .describe('a JSON pointer (RFC 6901)');
