// What people do with suppressions besides writing them: a template for the most frequent findings,
// and taking away what is of no more use.

import type { Use } from './apply-suppressions.ts';
import type { Classification, ClassifiedFinding } from './classification-schema.ts';
import { compareText } from './order.ts';
import { addDays, daysBetween } from './suppression.ts';
import { commentLines, recordLine, type SuppressionFile } from './suppression-records.ts';

const templateDays = 30;

/** YAML for the most frequent unsuppressed fingerprints. Its TODOs must be filled in before it is valid. */
export function suppressionTemplate(
  { workflows }: Classification,
  top: number,
  today: string,
): string {
  const groups = new Map<string, { count: number; path: string; finding: ClassifiedFinding }>();
  for (const { path, findings } of workflows)
    for (const finding of findings) {
      if (finding.suppressed) continue;
      const group = groups.get(finding.fingerprint);
      if (group === undefined) groups.set(finding.fingerprint, { count: 1, path, finding });
      else group.count += 1;
    }
  const chosen = [...groups]
    .sort(([a, one], [b, other]) => other.count - one.count || compareText(a, b))
    .slice(0, top)
    .sort(([a], [b]) => compareText(a, b));
  if (chosen.length === 0) return '[]\n';
  const lines = chosen.flatMap(([fingerprint, { count, path, finding }]) => {
    const { class: name, rule, message } = finding;
    const about = ` ${String(count)} × ${name} ${oneLine(message)} (first in ${oneLine(path)})`;
    const todo = {
      reason: 'TODO',
      owner: 'TODO',
      created: today,
      expires: addDays(today, templateDays),
    };
    return [...commentLines([about]), recordLine({ fields: { fingerprint, rule, ...todo } })];
  });
  return `${lines.join('\n')}\n`;
}

/* A message may hold anything; in a comment a line end would begin a record. */
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\ufeff]+/gu, ' ').slice(0, 200);

export type PruneOptions = {
  readonly today: string;
  /** Records created more days ago than this. */
  readonly olderThanDays?: number;
  readonly expired: boolean;
  /** Uses of the entries in the input at hand; those without any are taken away. */
  readonly unused?: readonly Use[];
};

export type Pruned = { readonly file: SuppressionFile; readonly removed: readonly string[] };

export function pruneSuppressions(file: SuppressionFile, options: PruneOptions): Pruned {
  const unused = new Set(
    options.unused?.filter(({ findings }) => findings === 0).map(({ entry }) => entry.fingerprint),
  );
  const goes = ({ fingerprint, fields }: SuppressionFile['records'][number]): boolean =>
    unused.has(fingerprint) ||
    (options.expired && daysFrom(fields['expires'], options.today) > 0) ||
    daysFrom(fields['created'], options.today) > (options.olderThanDays ?? Infinity);
  return {
    file: { ...file, records: file.records.filter((each) => !goes(each)) },
    removed: file.records.filter(goes).map(({ fingerprint }) => fingerprint),
  };
}

const daysFrom = (day: unknown, today: string): number =>
  typeof day === 'string' ? daysBetween(day, today) : 0;
