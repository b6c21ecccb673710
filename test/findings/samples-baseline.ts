// Baselines that tests of this folder share.

import { makeBaseline } from '../../src/findings/baseline.ts';
import type { Baseline } from '../../src/findings/baseline-schema.ts';
import { classify } from '../../src/findings/classify.ts';
import type { Intake, Subject } from '../../src/findings/finding.ts';
import { at, intake } from './samples.ts';

export function baselineOf(subjects: readonly Subject[], change: Partial<Intake> = {}): Baseline {
  const { classification } = classify(intake(subjects, change), {
    ...{ timestamp: at, today: '2026-03-01', requireOwner: false, suppressions: [] },
    categories: 'word',
  });
  return makeBaseline(classification);
}
