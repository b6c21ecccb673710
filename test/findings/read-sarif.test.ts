import { expect, test } from 'vitest';
import { readSarif } from '../../src/findings/read-sarif.ts';
import { brief } from './samples.ts';

const sarif = (results: readonly object[] | null, more: object = {}) =>
  JSON.stringify({
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'lint',
            rules: [
              {
                id: 'R1',
                defaultConfiguration: { level: 'error' },
                messageStrings: { m: { text: 'no {0} in {1}' } },
              },
              { id: 'R2' },
            ],
          },
        },
        results,
        ...more,
      },
    ],
  });
const at = (uri: string, region: object = { startLine: 3, startColumn: 5 }) => ({
  locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
});

test('levels and messages, stated or by default', () => {
  const reading = readSarif(
    sarif([
      { ruleId: 'R1', message: { id: 'm', arguments: ['x', 'y'] }, ...at('./src/a.ts') },
      { ruleIndex: 1, message: { text: 'careful' }, ...at('b.ts') },
      { ruleId: 'R1', level: 'note', message: { text: 'fyi' }, ...at('c.ts') },
      { ruleId: 'R1', kind: 'pass', message: { text: 'fine' }, ...at('d.ts') },
      { ruleId: 'R9', message: { text: 'nowhere' } },
    ]),
  );
  expect(brief(reading)).toEqual({
    problems: [],
    found: [
      'scan lint WARNING R9: nowhere',
      'src/a.ts FAILURE R1: no x in y',
      'b.ts WARNING R2: careful',
    ],
    sound: [],
  });
  expect(reading.subjects[1]?.findings[0]?.place).toEqual({ line: 3, column: 5 });
});

test('context: partial fingerprints, else the code, else the file', () => {
  const snippet = { startLine: 1, snippet: { text: 'a  =\n b' } };
  const contexts = readSarif(
    sarif([
      { ruleId: 'R1', partialFingerprints: { b: '2', a: '1' }, ...at('a.ts', snippet) },
      { ruleId: 'R1', ...at('a.ts', snippet) },
      { ruleId: 'R1', ...at('a.ts') },
    ]),
  ).subjects.flatMap(({ findings }) => findings.map(({ context }) => context));
  expect(contexts).toEqual(['{"a":"1","b":"2"}', 'a = b', 'a.ts']);
});

test('a clean scan is no empty input; its own suppressions count as findings', () => {
  expect(brief(readSarif(sarif([])))).toEqual({ problems: [], found: [], sound: ['scan lint'] });
  const artifacts = [{ location: { uri: 'seen.ts' } }];
  expect(brief(readSarif(sarif([], { artifacts }))).sound).toEqual(['scan lint', 'seen.ts']);
  const waived = readSarif(
    sarif([{ ruleId: 'R1', suppressions: [{ kind: 'external' }], ...at('a') }]),
  );
  expect(waived.waived).toBe(1);
  expect(brief(waived).found.length).toBe(1);
});

test.each([
  ['no run', '{"version":"2.1.0","runs":[]}'],
  ['another version', '{"version":"1.0.0","runs":[{}]}'],
  ['no results', sarif(null)],
  ['a scan that failed', sarif([], { invocations: [{ executionSuccessful: false }] })],
  ['cut off', sarif([]).slice(0, -1)],
])('refused: %s', (_, text) => {
  expect(readSarif(text).problems).not.toEqual([]);
});
