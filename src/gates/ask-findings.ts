import { applySuppressions } from '../findings/apply-suppressions.ts';
import { occurrencesOf } from '../findings/match-occurrences.ts';
import { readBaseline, type Reference } from '../findings/read-baseline.ts';
import { regress, regressDefaults } from '../findings/regress.ts';
import { readSuppressions, entriesOf } from '../findings/read-suppressions.ts';
import type { Entry } from '../findings/suppression.ts';
import { suppressionWarnings } from '../findings/suppression-warnings.ts';
import { makeSource } from '../diagnostics/source.ts';
import type { Json } from '../ports/json.ts';
import type { RegressResult } from '../findings/regress-schema.ts';
import { judged, unasked, type Ask, type AskContext, type GateAnswer } from './ask.ts';
import { runCommand } from './ask-command.ts';
import type { CheckOf } from './check-schema.ts';
import { fill } from './placeholders.ts';
import { resolvePath } from './resolve-path.ts';

const maxBytes = 512 * 1024 * 1024;

/** What got worse than the reference; suppressions that expired or cover too much fail it too. */
export const askFindings: Ask<'findings-regression'> = async (check, context) => {
  const read = await readSides(check, context);
  if ('problem' in read) return unasked(read.problem);
  if ('trouble' in read) return read.trouble;
  const { now, before, entries, at } = read;
  const today = at.slice(0, 10);
  const answer = regress(now, before, {
    timestamp: at,
    today,
    absThreshold: check.thresholds.abs ?? regressDefaults.absThreshold,
    relThreshold: check.thresholds.rel ?? regressDefaults.relThreshold,
    any: check.thresholds.any ?? false,
    ratchet: check.modes.includes('ratchet'),
    perFingerprint: check.modes.includes('per-fingerprint'),
    allowShrink: 0,
    suppressions: entries,
    requireOwner: true,
  });
  if ('problems' in answer) return unasked(answer.problems.join('; '));
  const { result } = answer;
  const faults = [
    ...regressionFaults(result, check.modes.includes('per-fingerprint')),
    ...suppressionFaults(now, entries, today),
  ];
  return judged(faults, `nothing got worse (${String(result.fixed.length)} fixed)`, {
    facts: JSON.parse(JSON.stringify(result)) as Readonly<Record<string, Json>>,
  });
};

const regressionFaults = (
  { hard, regressions, new: fresh }: RegressResult,
  perFingerprint: boolean,
): readonly string[] => [
  ...hard.map(({ code, delta }) => `${String(delta)} more ${code}`),
  ...regressions.map(({ code, old, new: now }) => `${code} ${String(old)} → ${String(now)}`),
  ...(perFingerprint ? fresh.map(({ fingerprint, rule }) => `new ${rule} ${fingerprint}`) : []),
];

type Sides = {
  readonly now: Reference;
  readonly before: Reference;
  readonly entries: readonly Entry[];
  readonly at: string;
};
type NoSides = { readonly problem: string } | { readonly trouble: GateAnswer };

async function readSides(
  check: CheckOf<'findings-regression'>,
  context: AskContext,
): Promise<Sides | NoSides> {
  const { world, here, values } = context;
  if (check.run !== undefined) {
    const ran = await runCommand(check.run, { cwd: check.cwd ?? here }, context);
    // Test commands end with a failure when a test fails; what failed is in the report.
    if ('trouble' in ran) return ran;
  }
  const inputs = check.input.map((each) => fill(each, values));
  const stale = await staleInput(inputs, context);
  if (stale !== undefined) return { problem: stale };
  const at = world.clock.now().toISOString();
  const now = await world.readFindings(inputs, here);
  if ('problem' in now) return now;
  const text = await world.files.readText(resolvePath(here, check.reference), maxBytes);
  const before = readBaseline(text);
  if ('problems' in before)
    return {
      problem: `${check.reference}: ${before.problems.map(({ message }) => message).join('; ')}`,
    };
  const suppressed = await readEntries(check, context);
  return 'problem' in suppressed
    ? suppressed
    : { now: now.baseline, before: before.baseline, entries: suppressed.entries, at };
}

/** An input that this run did not make, and that is older than it may be. */
async function staleInput(
  inputs: readonly string[],
  { world, here, since, maxAgeMs }: AskContext,
): Promise<string | undefined> {
  const oldest = maxAgeMs === undefined ? since.getTime() : world.clock.now().getTime() - maxAgeMs;
  for (const input of inputs) {
    const path = resolvePath(here, input.replace(/^(?:junit|sarif|ctrf|tap|findings):/u, ''));
    const stat = await world.files.stat(path);
    if (stat?.kind === 'file' && stat.modifiedMs < oldest - 1000)
      return `the input ${input} is not of this run`;
  }
  return undefined;
}

async function readEntries(
  { suppressions }: CheckOf<'findings-regression'>,
  context: AskContext,
): Promise<{ readonly entries: readonly Entry[] } | { readonly problem: string }> {
  if (suppressions === undefined) return { entries: [] };
  const { world, here } = context;
  const text = await world.files.readText(resolvePath(here, suppressions), maxBytes);
  const source = makeSource(suppressions, text);
  const reading = readSuppressions(source);
  if (reading.problems.length > 0)
    return {
      problem: `${suppressions}: ${reading.problems.map(({ message }) => message).join('; ')}`,
    };
  return { entries: entriesOf(source, reading.records) };
}

/** An entry that has expired, or one that covers too much, is a fault of whoever relies on it. */
function suppressionFaults(
  { files }: Reference,
  entries: readonly Entry[],
  today: string,
): readonly string[] {
  const candidates = files.flatMap((file) =>
    occurrencesOf(file).map(({ fingerprint, rule }) => ({ fingerprint, rule, subject: file.path })),
  );
  const applied = applySuppressions(entries, candidates, { today, requireOwner: true });
  for (const candidate of candidates) applied.entryFor(candidate);
  return suppressionWarnings(applied.uses(), candidates.length, today)
    .filter(({ code }) => code === 'W_SUPPRESS_EXPIRED' || code === 'W_SUPPRESS_MASS')
    .map(({ code, message }) => `${code}: ${message}`);
}
