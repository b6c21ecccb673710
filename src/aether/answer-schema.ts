// JSON Schemas of the lines that `check` prints.

import { answerSchemaId } from './render-answer.ts';
import { codeNames } from './answer.ts';
import { dialectIds } from './dialect.ts';
import { ruleCodes } from './rules.ts';

const codes = Object.keys(codeNames)
  .map(Number)
  .filter((code) => code !== 1);
const names = codes.map((code) => (codeNames as Readonly<Record<number, string>>)[code]);

const answered = {
  ok: { type: 'boolean' },
  code: { enum: codes },
  code_name: { enum: names },
  file: { type: 'string', description: 'as it was given' },
  phase: { enum: ['read', 'signature', 'parse', 'execute', 'plan'] },
  message: { type: 'string' },
  line: { type: ['integer', 'null'], minimum: 1 },
} as const;

const dialect = 'https://json-schema.org/draft/2020-12/schema';

function closed(properties: Readonly<Record<string, object>>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: 'object', properties, required, additionalProperties: false };
}

/** One line of `--json-status`. */
export const statusSchema = {
  $schema: dialect,
  title: 'Status line of an .aether file',
  ...closed({ ...answered, timestamp: { type: 'string', description: 'RFC 3339, UTC' } }),
};

const place = closed({
  line: { type: 'integer', minimum: 1 },
  column: { type: 'integer', minimum: 1, description: 'in UTF-16 code units' },
  offset: { type: 'integer', minimum: 0, description: 'in bytes' },
});
const span = closed({ start: place, end: place });

const diagnostic = closed(
  {
    code: { enum: ruleCodes },
    severity: { enum: ['error', 'warning'] },
    message: { type: 'string' },
    file: { type: 'string' },
    span: { anyOf: [span, { type: 'null' }] },
    hint: { type: 'string' },
    related: { type: 'array', items: closed({ message: { type: 'string' }, span }) },
    fix: closed({
      title: { type: 'string' },
      edits: { type: 'array', items: closed({ span, text: { type: 'string' } }) },
    }),
  },
  ['hint', 'related', 'fix'],
);

/** One line of `--json`. */
export const answerSchema = {
  $schema: dialect,
  title: 'Answer about an .aether file',
  ...closed({
    schema: { const: answerSchemaId },
    ...answered,
    dialect: { enum: [...dialectIds, null] },
    checker: { enum: ['seatrial', 'reference'] },
    diagnostics: { type: 'array', items: diagnostic },
    omitted: { type: 'integer', minimum: 0, description: 'diagnostics that are not shown' },
  }),
};
