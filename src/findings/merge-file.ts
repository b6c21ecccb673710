// The git merge driver's choice of how to merge, by what the file is.

import { mergeBaselines, type MergeAnswer, type ThreeTexts } from './merge-baseline.ts';
import { mergeSuppressionLists, mergeSuppressions } from './merge-suppressions.ts';
import { mergeTrends } from './trends.ts';

/** `path`: the name of the file in the repository, as git's `%P`. */
export function mergeFile(path: string, texts: ThreeTexts): MergeAnswer {
  const kind = kindByName(path) ?? kindByContent(texts);
  return merges[kind](texts);
}

type Kind = 'baseline' | 'trends' | 'records' | 'list';

const merges: Readonly<Record<Kind, (texts: ThreeTexts) => MergeAnswer>> = {
  baseline: mergeBaselines,
  trends: mergeTrends,
  records: mergeSuppressions,
  list: mergeSuppressionLists,
};

function kindByName(path: string): Kind | undefined {
  if (/\.ya?ml$/u.test(path)) return 'records';
  return path.endsWith('.txt') ? 'list' : undefined;
}

function kindByContent({ ours, theirs }: ThreeTexts): Kind {
  const text = (ours.trim() === '' ? theirs : ours).trimStart();
  if (text.startsWith('{')) return 'baseline';
  if (text.startsWith('[')) return 'trends';
  return /^- /mu.test(text) ? 'records' : 'list';
}
