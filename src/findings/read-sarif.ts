// SARIF 2.1.0. A log names what was found and seldom what was looked at, so the scan itself is a
// subject: a clean scan is not an empty input.

import { canonicalJson } from '../evidence/canonical.ts';
import type { Json } from '../ports/json.ts';
import { collectSubjects, type Collector } from './collect-subjects.ts';
import { unreadable, type Reading } from './finding.ts';
import {
  countOf,
  fieldsOf,
  listOf,
  parseJson,
  placeAt,
  placeProblems,
  textOf,
  type Fields,
  type PathProblem,
} from './json-input.ts';
import type { JsonPath } from './locate-json.ts';

type Run = {
  readonly rules: readonly Fields[];
  readonly rulesById: ReadonlyMap<unknown, Fields>;
  readonly artifacts: readonly Fields[];
};

/** Subject: the artifact's uri; `scan <tool>` for the scan itself. */
export function readSarif(text: string): Reading {
  const parsed = parseJson(text);
  if ('problem' in parsed) return unreadable(parsed.problem);
  const log = fieldsOf(parsed.value);
  const runs = listOf(log['runs']).map(fieldsOf);
  const faults = faultsOf(log, runs);
  if (faults.length > 0) return unreadable(...placeProblems(text, faults));
  const into = collectSubjects('sarif');
  const waived = runs.reduce((sum, run) => sum + readRun(run, into), 0);
  return into.end(waived);
}

const faultsMax = 20;

function faultsOf(log: Fields, runs: readonly Fields[]): readonly PathProblem[] {
  if (log['version'] !== '2.1.0') return [{ message: 'it is not SARIF 2.1.0', path: ['version'] }];
  if (runs.length === 0) return [{ message: 'the log holds no run', path: ['runs'] }];
  return runs.flatMap((run, index) => runFaults(run, ['runs', index])).slice(0, faultsMax);
}

function runFaults(run: Fields, path: JsonPath): readonly PathProblem[] {
  if (!Array.isArray(run['results']))
    return [
      {
        message: `${scanOf(run)} has no list of results, so it found out nothing`,
        path: [...path, 'results'],
      },
    ];
  const failed = listOf(run['invocations']).findIndex(
    (each) => fieldsOf(each)['executionSuccessful'] === false,
  );
  if (failed === -1) return [];
  const at = [...path, 'invocations', failed, 'executionSuccessful'];
  return [{ message: `${scanOf(run)} says that it did not end well`, path: at }];
}

const scanOf = (run: Fields): string =>
  `scan ${textOf(fieldsOf(fieldsOf(run['tool'])['driver'])['name']) || 'unnamed'}`;

/** The number of results that the log itself marks as suppressed. */
function readRun(run: Fields, into: Collector): number {
  const driver = fieldsOf(fieldsOf(run['tool'])['driver']);
  const scan = scanOf(run);
  into.whole(scan);
  into.judged(scan);
  const rules = listOf(driver['rules']).map(fieldsOf);
  const about: Run = {
    rules,
    rulesById: new Map(rules.map((rule) => [rule['id'], rule])),
    artifacts: listOf(run['artifacts']).map(fieldsOf),
  };
  for (const artifact of about.artifacts) {
    const uri = uriOf(artifact['location']);
    if (uri !== '') into.judged(uri);
  }
  const results = listOf(run['results']).map(fieldsOf);
  for (const result of results) readResult(result, about, { into, scan });
  return results.filter((result) => listOf(result['suppressions']).length > 0).length;
}

const uriOf = (location: unknown): string =>
  textOf(fieldsOf(location)['uri']).replace(/^(?:\.\/)+/, '');

type Target = { readonly into: Collector; readonly scan: string };

function readResult(result: Fields, run: Run, { into, scan }: Target): void {
  const rule = ruleOf(result, run);
  const name = classOf(result, rule);
  if (name === undefined) return;
  const { uri, region } = placeOf(result, run);
  const subject = uri === '' ? scan : uri;
  into.found({
    class: name,
    rule: textOf(result['ruleId']) || textOf(rule?.['id']) || 'unnamed',
    message: messageOf(result, rule),
    subject,
    context: contextOf(result, region, subject),
    ...placeAt(region['startLine'], region['startColumn']),
  });
}

/** Only kind `fail` of level `error` or `warning` is a finding; both may be left to defaults. */
function classOf(result: Fields, rule: Fields | undefined): string | undefined {
  if ((textOf(result['kind']) || 'fail') !== 'fail') return undefined;
  const usual = textOf(fieldsOf(rule?.['defaultConfiguration'])['level']) || 'warning';
  const level = textOf(result['level']) || usual;
  if (level === 'error') return 'FAILURE';
  return level === 'warning' ? 'WARNING' : undefined;
}

function ruleOf(result: Fields, { rules, rulesById }: Run): Fields | undefined {
  const named = fieldsOf(result['rule']);
  const index = countOf(result['ruleIndex']) ?? countOf(named['index']);
  if (index !== undefined) return rules[index];
  return rulesById.get(textOf(result['ruleId']) || textOf(named['id']));
}

function placeOf(
  result: Fields,
  { artifacts }: Run,
): { readonly uri: string; readonly region: Fields } {
  const physical = fieldsOf(fieldsOf(listOf(result['locations'])[0])['physicalLocation']);
  const location = fieldsOf(physical['artifactLocation']);
  const index = countOf(location['index']);
  const listed = index === undefined ? undefined : artifacts[index]?.['location'];
  return { uri: uriOf(location) || uriOf(listed), region: fieldsOf(physical['region']) };
}

function messageOf(result: Fields, rule: Fields | undefined): string {
  const message = fieldsOf(result['message']);
  const texts = fieldsOf(rule?.['messageStrings']);
  const template =
    textOf(message['text']) || textOf(fieldsOf(texts[textOf(message['id'])])['text']);
  const values = listOf(message['arguments']).map(textOf);
  return template.replace(/\{(\d{1,3})\}/g, (found, index) => values[Number(index)] ?? found);
}

/** The tool's own partial fingerprints, else the code it quotes, else where it is. */
function contextOf(result: Fields, region: Fields, subject: string): string {
  const partial = fieldsOf(result['partialFingerprints']);
  const prints = Object.entries(partial).filter(([, value]) => typeof value === 'string');
  if (prints.length > 0) return canonicalJson(Object.fromEntries(prints) as Record<string, Json>);
  const snippet = textOf(fieldsOf(region['snippet'])['text']);
  return snippet === '' ? subject : snippet.replace(/\s+/g, ' ').trim();
}
