// Watches of 48 hours, judged from their samples: two healthy days, and a fault for each rule.

import { describe, expect, test } from 'vitest';
import { makeWatchJudge, slotMs, slotsOf, type JudgedSignal } from '../../src/gates/watch-judge.ts';
import type { FileSample, Sample } from '../../src/gates/watch-sample.ts';
import { watchSchema } from '../../src/gates/watch-schema.ts';
import { healthy, healthyKernel, planOf, quiet } from './watch-samples.ts';

type Change = (sample: Sample, slot: number) => Sample | undefined;

function judged(change: Change, plan = planOf()): readonly JudgedSignal[] {
  const judge = makeWatchJudge(plan);
  for (let slot = 0; slot < slotsOf(plan); slot += 1) {
    const sample = change(healthy(slot), slot);
    if (sample !== undefined) judge.add(sample);
  }
  return judge.answers(slotMs(plan, slotsOf(plan) - 1));
}

const verdicts = (signals: readonly JudgedSignal[]): Readonly<Record<string, string>> =>
  Object.fromEntries(signals.map(({ id, verdict }) => [id, verdict]));
const allPassed = {
  'watch.kernel.running': 'passed',
  'watch.memory.coherence': 'passed',
  'watch.security.alerts': 'passed',
  'watch.kernel.dlq': 'passed',
  'watch.hmr.audit': 'passed',
  'watch.run.samples': 'passed',
};

type LogName = keyof Sample['files'];
/** What one log got in some slots. */
const log =
  (name: LogName, slots: readonly number[], more: Partial<FileSample>): Change =>
  (sample, slot) =>
    slots.includes(slot)
      ? { ...sample, files: { ...sample.files, [name]: { ...quiet, ...more } } }
      : sample;
const kernel =
  (slots: readonly number[], more: Partial<NonNullable<Sample['kernel']>>): Change =>
  (sample, slot) =>
    slots.includes(slot)
      ? { ...sample, kernel: { ...healthyKernel, tasks: slot * 10, ...more } }
      : sample;
const coherence =
  (of: (slot: number) => number): Change =>
  (sample, slot) => ({ ...sample, memory: { said: '', on: true, coherence: of(slot) } });
const range = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);
const audit = (event: string) => ({ events: [{ event, target: 'engine' }] });
const part = (bytes: number, last: number): FileSample['parts'][number] => ({
  ...{ name: 'hmr_audit.jsonl', device: 1, inode: 2, bytes, offset: bytes, last },
  head: { bytes: 0, sha256: '' },
});
const both =
  (first: Change, second: Change): Change =>
  (sample, slot) => {
    const changed = first(sample, slot);
    return changed === undefined ? undefined : second(changed, slot);
  };

test('two healthy days pass', () => {
  const signals = judged((sample) => sample);
  expect(verdicts(signals)).toEqual(allPassed);
  expect(signals.at(-1)?.message).toBe('2881 of 2881 samples');
});

const cap = 5 * 1024 * 1024;
const down = { running: false, answered: false, on: {} };

// [what, the change, the signal, what is said]
const planted: readonly (readonly [string, Change, string, RegExp])[] = [
  [
    'a high alert',
    log('alerts', [700], { counts: { high: 1 }, shown: ['x'] }),
    'security.alerts',
    /^1 high or critical: x/,
  ],
  [
    'a critical alert',
    log('alerts', [0], { counts: { critical: 2 } }),
    'security.alerts',
    /^2 high/,
  ],
  [
    'six medium alerts in a day',
    log('alerts', range(100, 6), { counts: { medium: 1 } }),
    'security.alerts',
    /^6 medium within 24h/,
  ],
  [
    'eleven tasks lost in an hour',
    log('dlq', range(200, 11), { counts: { expired: 1 } }),
    'kernel.dlq',
    /lost within 1h/,
  ],
  [
    'lost ones of every counted reason',
    log('dlq', [9], { counts: { expired: 4, queue_full: 4, drain: 4 } }),
    'kernel.dlq',
    /^12 tasks/,
  ],
  [
    'more than one per cent of the tasks',
    log('dlq', [300], { counts: { queue_full: 7 } }),
    'kernel.dlq',
    /^7 tasks lost within 1h, of 600/,
  ],
  [
    'a reload without an end',
    log('hmr_audit', [50], audit('HMR_PREPARE')),
    'hmr.audit',
    /reload of engine has no end after 1 min/,
  ],
  [
    'an audit file beyond cap and record',
    log('hmr_audit', [60], { parts: [part(cap + 300, 200)] }),
    'hmr.audit',
    /5243180 bytes/,
  ],
  [
    'more files than configured',
    log('hmr_audit', [60], { parts: range(0, 5).map(() => part(1, 1)) }),
    'hmr.audit',
    /^5 files, 3 and the log/,
  ],
  [
    'coherence below one half',
    coherence((slot) => (slot === 1440 ? 0.49 : 0.9)),
    'memory.coherence',
    /^coherence 0\.49/,
  ],
  [
    'a median that drifts down',
    coherence((slot) => (slot > 2000 ? 0.84 : 0.9)),
    'memory.coherence',
    /^median 0\.840, in the beginning 0\.900/,
  ],
  [
    'a median that drifts up',
    coherence((slot) => (slot > 2000 ? 0.96 : 0.9)),
    'memory.coherence',
    /^median 0\.960/,
  ],
  [
    'a kernel that does not run twice',
    kernel([10, 900], { running: false }),
    'kernel.running',
    /^not running in 2 samples/,
  ],
  ['a kernel that is gone', kernel([10, 900], down), 'kernel.running', /^not running in 2 samples/],
  [
    'no readiness for five minutes',
    kernel(range(400, 6), { ready: false }),
    'kernel.running',
    /^not ready for 5 min/,
  ],
];

describe('a fault of one row is red, and nothing else is', () => {
  test.each(planted)('%s', (_, change, signal, said) => {
    const signals = judged(change);
    const id = `watch.${signal}`;
    expect(verdicts(signals)).toEqual({ ...allPassed, [id]: 'failed' });
    expect(signals.find((each) => each.id === id)?.message).toMatch(said);
  });
});

// [what, the change]
const harmless: readonly (readonly [string, Change])[] = [
  [
    'five medium alerts a day, on both days',
    log('alerts', [...range(1, 5), ...range(1500, 5)], { counts: { medium: 1 } }),
  ],
  ['low alerts without end', log('alerts', range(0, 2880), { counts: { low: 100 } })],
  ['six of six hundred tasks in an hour', log('dlq', range(300, 6), { counts: { expired: 1 } })],
  [
    'failed tasks, which were neither dropped nor late',
    log('dlq', range(300, 60), { counts: { failed: 1 } }),
  ],
  [
    'a reload that ends in the next sample',
    both(
      log('hmr_audit', [50], audit('HMR_PREPARE')),
      log('hmr_audit', [51], audit('HMR_ROLLBACK')),
    ),
  ],
  ['a file of the cap and one record', log('hmr_audit', [60], { parts: [part(cap + 200, 200)] })],
  [
    'four files of three backups',
    log('hmr_audit', [60], { parts: range(0, 4).map(() => part(1, 1)) }),
  ],
  [
    'one dip of the coherence that the median does not see',
    coherence((slot) => (slot % 60 === 1 ? 0.6 : 0.9)),
  ],
  ['one sample without a kernel', kernel([900], down)],
  ['four minutes without readiness', kernel(range(400, 5), { ready: false })],
  ['a hundred samples of 2881 missing', (sample, slot) => (slot % 29 === 7 ? undefined : sample)],
];

describe('just within the rules is green', () => {
  test.each(harmless)('%s', (_, change) => {
    expect(verdicts(judged(change))).toEqual(allPassed);
  });
});

const without =
  (name: LogName): Change =>
  (sample) => ({ ...sample, files: { ...sample.files, [name]: { ...quiet, parts: [] } } });
const off =
  (name: LogName): Change =>
  (sample, slot) => ({
    ...sample,
    kernel: { ...healthyKernel, tasks: slot * 10, on: { ...healthyKernel.on, [name]: false } },
  });

// [what, the change, the signals that say so, what is said]
const unseen: readonly (readonly [string, Change, readonly string[], RegExp])[] = [
  [
    'more than a twentieth of the samples missing',
    (sample, slot) => (slot % 18 === 1 ? undefined : sample),
    [
      'kernel.running',
      'memory.coherence',
      'security.alerts',
      'kernel.dlq',
      'hmr.audit',
      'run.samples',
    ],
    /./,
  ],
  [
    'eleven minutes without one',
    (sample, slot) => (slot > 99 && slot < 110 ? undefined : sample),
    ['run.samples'],
    /none for 11 min/,
  ],
  [
    'none in the last quarter of an hour',
    (sample, slot) => (slot > 2865 ? undefined : sample),
    ['run.samples'],
    /none for 15 min/,
  ],
  [
    'a log that never existed though its feature is on',
    without('alerts'),
    ['security.alerts'],
    /never existed although the feature is on/,
  ],
  [
    'lines gone before they were read',
    log('dlq', [5], { lost: true }),
    ['kernel.dlq'],
    /gone before they were read/,
  ],
  [
    'lines that are no records',
    log('alerts', [5], { unreadable: 3 }),
    ['security.alerts'],
    /^3 lines are no records/,
  ],
  [
    'a severity nobody named',
    log('alerts', [5], { counts: { apocalyptic: 1 } }),
    ['security.alerts'],
    /nobody named: apocalyptic/,
  ],
  [
    'a log that grows faster than it is read',
    log('hmr_audit', [2880], { behind: true }),
    ['hmr.audit'],
    /more lines came/,
  ],
  [
    'a log that could not be read',
    log('hmr_audit', [2880], { error: 'EACCES' }),
    ['hmr.audit'],
    /could not be read: EACCES/,
  ],
  [
    'an address at which nobody ever answered',
    kernel(range(0, 2881), down),
    ['kernel.running'],
    /it never answered/,
  ],
  [
    'memory that tells no coherence',
    (sample) => ({ ...sample, memory: { said: 'status 503' } }),
    ['memory.coherence'],
    /seen in 0 samples/,
  ],
];

describe('what was not seen is no answer', () => {
  test.each(unseen)('%s', (_, change, ids, said) => {
    const signals = judged(change);
    const expected = Object.fromEntries(ids.map((id) => [`watch.${id}`, 'inconclusive']));
    expect(verdicts(signals)).toEqual({ ...allPassed, ...expected });
    const last = signals.findLast(({ verdict }) => verdict === 'inconclusive');
    expect(last?.message).toMatch(said);
  });

  test('lost tasks beside a counter that nobody tells', () => {
    const lost = log('dlq', [300], { counts: { expired: 2 } });
    const signals = judged((sample, slot) => {
      return lost({ ...sample, kernel: healthyKernel }, slot);
    });
    expect(verdicts(signals)).toEqual({ ...allPassed, 'watch.kernel.dlq': 'inconclusive' });
  });
});

test('a feature that is off, and has no log, is skipped; with a log it is judged', () => {
  const noHmr = both(off('hmr_audit'), without('hmr_audit'));
  expect(verdicts(judged(noHmr))).toEqual({ ...allPassed, 'watch.hmr.audit': 'skipped' });
  expect(verdicts(judged(off('hmr_audit')))).toEqual(allPassed);
});

test('a counter of tasks that begins anew is no lost hour', () => {
  const signals = judged((sample, slot) => {
    const changed = { ...sample, kernel: { ...healthyKernel, tasks: (slot % 310) * 10 } };
    return log('dlq', [330], { counts: { expired: 5 } })(changed, slot);
  });
  expect(verdicts(signals)).toEqual(allPassed);
});

test('other limits of watch.yaml count', () => {
  const settings = watchSchema.parse({ version: 1, kernel: { not_running: 1 }, memory: false });
  const signals = judged(kernel([9], { running: false }), planOf({ settings }));
  expect(verdicts(signals)['watch.kernel.running']).toBe('failed');
  expect(verdicts(signals)).not.toHaveProperty('watch.memory.coherence');
});
