// Classifying and fingerprinting a million findings, reading JUnit XML against fast-xml-parser, and
// comparing baselines against parsing them. Rounds are interleaved, and times are processor time, all
// threads together: on an idle machine a call takes at most that long.
// npx tsx bench/findings.ts [rounds]

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { XMLParser } from 'fast-xml-parser';
import { baselineSchema } from '../src/findings/baseline-schema.ts';
import { makeBaseline, renderBaseline } from '../src/findings/baseline.ts';
import { classify } from '../src/findings/classify.ts';
import type { Finding, Intake, Subject } from '../src/findings/finding.ts';
import { readBaseline } from '../src/findings/read-baseline.ts';
import { junitReader } from '../src/findings/read-junit.ts';
import { walkJunit } from '../src/evidence/walk-junit.ts';
import { regress } from '../src/findings/regress.ts';
import { median, say } from './timed.ts';

const rounds = Number(process.argv[2] ?? 5);
const findings = 1_000_000;
const perSubject = 10;
const cases = 50_000;
const baselineFiles = 100_000;
const chunk = 1 << 20;
const classifyMaxMs = 10_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Milliseconds of processor time; garbage of what went before is not on the bill. */
function timed(work: () => unknown): number {
  collectGarbage();
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

const at = '2026-03-01T12:00:00.000Z';
const options = {
  ...{ timestamp: at, today: '2026-03-01', requireOwner: false, suppressions: [] },
  categories: 'word' as const,
};

function finding(path: string, index: number): Finding {
  return {
    class: index % 3 === 0 ? 'PARSE_ERROR' : 'VALIDATION_ERROR',
    rule: `E_RULE_${String(index % 40)}`,
    message: `unknown function 'f${String(index % 5000)}' after ${String(index % 90)} ms in /srv/app/job-${String(index)}.log`,
    subject: path,
    place: { line: (index % 400) + 1, column: 3 },
    context: `x : f${String(index % 50_000)} ( ${String(index % 7)} )`,
    source: 'aether',
  };
}

function intakeOf(subjectCount: number, each: number): Intake {
  const subjects = Array.from({ length: subjectCount }, (_, at): Subject => {
    const path = `flows/${String(at % 97)}/w${String(at)}.aether`;
    const found = Array.from({ length: each }, (_unused, index) =>
      finding(path, at * each + index),
    );
    return { path, source: 'aether', phase: 'parse', dialect: 'aether-1.1', findings: found };
  });
  subjects.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { kinds: ['aether'], checker: 'seatrial', subjects, flaky: [], waived: 0 };
}

function benchClassify(): boolean {
  const intake = intakeOf(findings / perSubject, perSubject);
  const ms = Math.min(...Array.from({ length: 2 }, () => timed(() => classify(intake, options))));
  say(
    `findings.classify: ${String(findings)} findings: ratio ${(ms / classifyMaxMs).toFixed(2)} x 10 s (limit ≤ 1.00), ${(ms / 1000).toFixed(2)} s`,
  );
  return ms <= classifyMaxMs;
}

function report(): string {
  const rows = Array.from({ length: cases }, (_, at) => {
    const head = `<testcase classname="suite.Class${String(at % 300)}" name="does thing ${String(at)}" time="0.0${String(at % 9)}"`;
    if (at % 10 !== 0) return `${head}/>`;
    return `${head}><failure type="AssertionError" message="expected ${String(at)} to be &lt;5&gt;"><![CDATA[${'    at frame (file.ts:10:5)\n'.repeat(8)}]]></failure></testcase>`;
  });
  return `<?xml version="1.0"?><testsuites><testsuite name="all" tests="${String(cases)}">${rows.join('\n')}</testsuite></testsuites>`;
}

function readWithSeatrial(xml: string): void {
  const reader = junitReader();
  for (let from = 0; from < xml.length; from += chunk) reader.write(xml.slice(from, from + chunk));
  const { subjects, problems } = reader.end();
  if (subjects.length !== cases || problems.length > 0) throw new Error('the report was misread');
}

function readWithPeer(xml: string): void {
  const parser = new XMLParser({ ignoreAttributes: false });
  const parsed = parser.parse(xml) as { testsuites: { testsuite: { testcase: unknown[] } } };
  if (parsed.testsuites.testsuite.testcase.length !== cases) throw new Error('misread');
}

function benchJunit(): boolean {
  const xml = report();
  const arms = { seatrial: readWithSeatrial, 'fast-xml-parser': readWithPeer } as const;
  const times = { seatrial: [] as number[], 'fast-xml-parser': [] as number[] };
  for (const read of Object.values(arms)) read(xml);
  for (let round = 0; round < rounds; round += 1)
    for (const name of ['seatrial', 'fast-xml-parser'] as const)
      times[name].push(
        timed(() => {
          arms[name](xml);
        }),
      );
  const ratio = median(times['fast-xml-parser']) / median(times.seatrial);
  const size = (xml.length / 1e6).toFixed(1);
  say(
    `findings.junit: ${String(cases)} cases, ${size} MB: ${median(times.seatrial).toFixed(0)} ms, fast-xml-parser ${median(times['fast-xml-parser']).toFixed(0)} ms`,
  );
  say(`findings.junit: ratio ${ratio.toFixed(2)} x fast-xml-parser's throughput (limit ≥ 2.00)`);
  return ratio >= 2;
}

/** What the walk itself holds on to when a report is ten times as long; visitors keep what they want. */
function benchMemory(): boolean {
  const peak = (suites: number): number => {
    let [seen, most] = [0, 0];
    const visitor = { onCase: () => (seen += 1), onSuiteResult: () => 0, onProblem: fail };
    const walker = walkJunit(visitor, Infinity);
    const whole = report();
    const suite = whole.slice(whole.indexOf('<testsuite '), whole.indexOf('</testsuites>'));
    walker.write('<testsuites>');
    for (let round = 0; round < suites; round += 1) {
      for (let from = 0; from < suite.length; from += chunk)
        walker.write(suite.slice(from, from + chunk));
      collectGarbage();
      most = Math.max(most, process.memoryUsage().heapUsed);
    }
    walker.write('</testsuites>');
    walker.close();
    if (seen !== cases * suites) throw new Error('the report was misread');
    return most;
  };
  const [small, large] = [peak(1), peak(10)];
  const ratio = large / small;
  say(
    `findings.junit-memory: ${String(cases)} and ${String(cases * 10)} cases: ratio ${ratio.toFixed(2)} x (limit ≤ 1.20), ${(small / 1e6).toFixed(1)} and ${(large / 1e6).toFixed(1)} MB of heap`,
  );
  return ratio <= 1.2;
}

function fail(problem: string): never {
  throw new Error(problem);
}

/** Two baselines read, checked and compared, against `JSON.parse` of both. */
function benchRegress(): boolean {
  const intake = intakeOf(baselineFiles, 1);
  const subjects = intake.subjects.map((each, at) =>
    at % 3 === 0 ? each : { ...each, findings: [] },
  );
  const text = renderBaseline(
    makeBaseline(classify({ ...intake, subjects }, options).classification),
  );
  baselineSchema.parse(JSON.parse(text));
  const settings = {
    ...{ timestamp: at, today: '2026-03-01', absThreshold: 5, relThreshold: 0.1, any: false },
    ...{
      ratchet: true,
      perFingerprint: true,
      allowShrink: 0,
      suppressions: [],
      requireOwner: false,
    },
  };
  const compare = (): void => {
    const [now, before] = [readBaseline(text), readBaseline(text)];
    if ('problems' in now || 'problems' in before) throw new Error('the baseline was misread');
    if (!('result' in regress(now.baseline, before.baseline, settings))) throw new Error('refused');
  };
  const parse = (): void => {
    JSON.parse(text);
    JSON.parse(text);
  };
  const times = { compare: [] as number[], parse: [] as number[] };
  compare();
  for (let round = 0; round < rounds; round += 1) {
    times.compare.push(timed(compare));
    times.parse.push(timed(parse));
  }
  const ratio = median(times.compare) / median(times.parse);
  say(
    `findings.regress: two baselines of ${String(baselineFiles)} files: ${median(times.compare).toFixed(0)} ms, ratio ${ratio.toFixed(2)} x parsing both (limit ≤ 3.00)`,
  );
  return ratio <= 3;
}

const held = [benchMemory(), benchRegress(), benchJunit(), benchClassify()];
process.exitCode = held.every(Boolean) ? 0 : 1;
