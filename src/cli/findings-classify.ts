// From the inputs of a command to a classification, for every command that needs one.

import { classify } from '../findings/classify.ts';
import { classificationSchema, type Classification } from '../findings/classification-schema.ts';
import type { Limited } from '../findings/finding.ts';
import { parseJson, placeProblems, shapeFaults } from '../findings/json-input.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';
import { readTextFile, refuse } from './findings-files.ts';
import { readIntake } from './findings-input.ts';
import { amount, defaults, many, moment } from './findings-options.ts';
import { loadEntries } from './findings-suppressions.ts';
import { count } from './aether-options.ts';

/** `use`: a baseline says what is there, whatever is set aside. */
export async function classifyInputs(
  values: Values,
  terminal: Terminal,
  use: 'suppressions' | 'none' = 'suppressions',
): Promise<Classification> {
  const limited = readLimited(values);
  const suppressions = use === 'none' ? [] : await loadEntries(values, terminal);
  const intake = await readIntake(values, terminal, limited === undefined ? {} : { limited });
  const { classification, collisions } = classify(intake, {
    ...moment(terminal),
    suppressions,
    requireOwner: flag(values, 'require-owner'),
    categories: text(values, 'categories') === 'code-name' ? 'code-name' : 'word',
  });
  const [collision] = collisions;
  if (collision !== undefined)
    throw new UsageError(`two different findings share the fingerprint ${collision}`);
  return classification;
}

function readLimited(values: Values): Limited | undefined {
  const [limit, sample] = [text(values, 'limit'), text(values, 'sample')];
  if (limit !== undefined && sample !== undefined)
    throw new UsageError('--limit and --sample exclude each other');
  if (limit !== undefined) return { limit: count(values, 'limit', 1) };
  if (sample === undefined) return undefined;
  return { sample: count(values, 'sample', 1), seed: amount(values, 'seed', 0) };
}

/** Of the inputs that were named, else of a file that `findings classify` wrote. */
export async function classificationOf(
  values: Values,
  terminal: Terminal,
): Promise<Classification> {
  if (many(values, 'input').length > 0 || text(values, 'root') !== undefined)
    return classifyInputs(values, terminal);
  const path = text(values, 'from') ?? defaults.classification;
  const content = await readTextFile(path, terminal);
  const parsed = parseJson(content);
  if ('problem' in parsed) refuse(path, [parsed.problem]);
  const shaped = classificationSchema.safeParse(parsed.value);
  if (shaped.success) return shaped.data;
  const faults = shapeFaults('it is no classification', shaped.error.issues);
  refuse(path, placeProblems(content, faults));
}
