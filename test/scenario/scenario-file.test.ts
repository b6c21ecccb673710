import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, parseDocument, stringify } from 'yaml';
import { makeSource } from '../../src/diagnostics/source.ts';
import { canonicalJson } from '../../src/evidence/canonical.ts';
import type { Json } from '../../src/ports/json.ts';
import {
  loadScenario,
  loadScenarioBytes,
  renderScenarioSchema,
  renderValidationSchema,
} from '../../src/scenario/scenario-file.ts';
import { durationMs, fixtureKinds } from '../../src/scenario/scenario-schema.ts';
import { markedBy, placesOf } from './at.ts';

const example = `apiVersion: seatrial/v1
kind: Scenario
metadata: {id: rebuild-openclaw, title: Rebuilding keeps its owner's state, rows: [AQ-050, AQ-052]}
spec:
  environment: {os: [linux], arch: [x64, arm64], driver: sandbox, product: [reference], needs: [docker, landlock>=2], network: loopback}
  manifest: manifests/openclaw.yaml
  releases: {base: openclaw-old, head: openclaw-current}
  text:
    given: [An old sandbox holds a marker]
    when: [The sandbox is rebuilt]
    then: [The marker is kept]
  fixtures:
    - {id: min-version, kind: key, role: mutation, restore: {budget: 10s}, with: {file: "{product}/b.yaml", set: {/token: "{secret.t}"}}}
    - {id: old-state, kind: state-staging, restore: {budget: 10s}, with: {registry: staging/old.json}}
    - {id: fence, kind: landlock, with: {abi: 2}}
  runtimeActions:
    - {id: deploy-old, use: install, timeout: 60s}
    - {id: seed, use: action, action: seed-owner-state, timeout: 20s, with: {from: "{fixture.old-state.path}"}}
    - {id: rebuild, use: rebuild, timeout: 120s, expect: {exit: nonzero}}
  expectedChecks:
    - {id: lifecycle.rebuild.marker, after: rebuild, boundary: state, evidence: [marker.json], rows: [AQ-050]}
    - {id: lifecycle.rebuild.kept, after: old-state, boundary: state, evidence: [kept.json], rows: []}
  expectedFailure:
    action: rebuild
    exit: nonzero
    says: {stream: stderr, matches: 'recreate failed.*kept'}
    check: lifecycle.rebuild.kept
    forbiddenSideEffects:
      - {id: container-gone, observe: sandbox-container, mustEqualBefore: [/id, /]}
  budget: 4m
`;
const validation = `apiVersion: seatrial/v1
kind: Validation
metadata: {id: validation-9.2, title: Fresh claims are refused, phase: 9}
spec:
  path: sad
  rows: [AQ-050, AQ-051]
  text: {given: [a], when: [b], then: [c]}
  members: [rebuild-openclaw]
  claims: [audit/claims/a.yaml]
  expectAudit: {exit: 1, rows: {"*": {status: unresolved, reasons: [fresh-only-claim]}, AQ-050: {status: unresolved}}}
  forbidden: [row-status-changed, write-outside-store]
  expectedChecks: [audit.phase9.fresh-rejected]
`;

const context = {
  exists: (path: string) => ['manifests/openclaw.yaml', 'audit/claims/a.yaml'].includes(path),
  contracts: new Map([['no-instance', { forbids: ['releases'] }]]),
  rows: new Map([
    ['AQ-050', new Set(['rebuild-openclaw'])],
    ['AQ-052', new Set(['rebuild-openclaw'])],
    ['AQ-053', new Set(['other'])],
  ]),
  observers: new Set(['sandbox-container']),
  register: new Map([
    ['lifecycle.rebuild.marker', { boundary: 'state', evidence: ['marker.json'] }],
    ['lifecycle.rebuild.kept', { boundary: 'state', evidence: ['kept.json'] }],
    ['lifecycle.rebuild.other', { boundary: 'http', evidence: ['a.json'] }],
  ]),
};
const load = (text: string) => {
  const source = makeSource('s.yaml', text);
  return { source, ...loadScenario(source, context) };
};

test.each([{ text: example }, { text: validation }])('nothing wrong: %#', ({ text }) => {
  const { scenario, problems } = load(text);
  expect(problems).toEqual([]);
  expect(scenario).toBeDefined();
});

type Path = readonly (string | number)[];
type Change = readonly [path: Path, value: unknown];
/** The example with values set (or, undefined, deleted), comments and order kept. */
function changed(text: string, changes: readonly Change[]): string {
  const document = parseDocument(text);
  for (const [path, value] of changes)
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value, { flow: true }));
  return document.toString({ lineWidth: 0 });
}

const spec = (...path: Path): Path => ['spec', ...path];
const action = { id: 'x', use: 'install', timeout: '1s' };
const check = { after: 'rebuild', boundary: 'state', evidence: ['kept.json'], rows: [] };

/** What is changed, the codes, and the text that each problem marks. */
type Case = readonly [
  changes: readonly Change[],
  codes: readonly string[],
  marked: readonly string[],
  beyond?: true,
];
const cases: readonly Case[] = [
  // SC002, SC003
  [[[['spek'], 1]], ['SC002'], ['spek']],
  [[[spec('budgt'), '4m']], ['SC002'], ['budgt']],
  [[[spec('budget'), undefined]], ['SC003'], ['spec']],
  [[[spec('budget'), '4 minutes']], ['SC003'], ['4 minutes']],
  [[[spec('environment', 'driver'), 'docker']], ['SC003'], ['docker']],
  [[[spec('environment', 'needs'), ['landlock']]], ['SC003'], ['landlock']],
  [[[spec('environment', 'os'), []]], ['SC003'], ['[]']],
  [[[spec('text', 'given'), []]], ['SC003'], ['[]']],
  [[[spec('text', 'when'), ['  ']]], ['SC003'], ['"  "']],
  [[[spec('expectedChecks', 0, 'boundary'), 'disk']], ['SC003'], ['disk']],
  [
    [
      [
        ['metadata', 'rows'],
        ['AQ-5', 'AQ-050', 'AQ-052'],
      ],
    ],
    ['SC003'],
    ['AQ-5'],
  ],
  [
    [
      [
        ['metadata', 'rows'],
        ['AQ-050', 'AQ-050'],
      ],
    ],
    ['SC003'],
    ['[ AQ-050, AQ-050 ]'],
  ],
  [[[['apiVersion'], 'seatrial/v2']], ['SC003'], ['seatrial/v2']],
  [
    [[spec('fixtures'), undefined]],
    ['SC003', 'SC021', 'SC021'],
    ['spec', '"{fixture.old-state.path}"', 'old-state'],
  ],
  [[[spec('noFixturesReason'), 'nothing is prepared']], ['SC003'], ['noFixturesReason']],
  [[[spec('expectedFailure', 'says', 'matches'), '(?=x)']], ['SC003'], ['(?=x)'], true],
  [[[spec('manifest'), '{secret.x}']], ['SC003', 'SC011'], ['"{secret.x}"', '"{secret.x}"'], true],
  // SC010 to SC012
  [[[spec('manifest'), undefined]], ['SC010'], ['spec']],
  [
    [[spec('noManifestReason'), { contract: 'no-instance', reason: 'x'.repeat(40) }]],
    ['SC010'],
    [`{ contract: no-instance, reason: ${'x'.repeat(40)} }`],
  ],
  [[[spec('manifest'), 'gone.yaml']], ['SC011'], ['gone.yaml'], true],
  [[[spec('manifest'), '../up.yaml']], ['SC011'], ['../up.yaml'], true],
  [
    [
      [spec('manifest'), undefined],
      [spec('noManifestReason'), { contract: 'no-instanse', reason: 'x'.repeat(40) }],
    ],
    ['SC012'],
    ['no-instanse'],
    true,
  ],
  [
    [
      [spec('manifest'), undefined],
      [spec('noManifestReason'), { contract: 'no-instance', reason: 'x'.repeat(40) }],
    ],
    ['SC012'],
    ['releases'],
    true,
  ],
  // MF011
  [
    [
      [spec('manifest'), undefined],
      [spec('noManifestReason'), { contract: 'no-instance', reason: 'x'.repeat(39) }],
    ],
    ['MF011'],
    ['x'.repeat(39)],
  ],
  // SC020 to SC022
  [[[spec('runtimeActions'), undefined]], ['SC020'], ['spec']],
  [[[spec('runtimeActions'), []]], ['SC020'], ['[]']],
  [[[spec('runtimeActions', 0, 'id'), 'seed']], ['SC020'], ['seed'], true],
  [[[spec('runtimeActions', 0, 'id'), 'fence']], ['SC020'], ['fence'], true],
  [[[spec('expectedChecks', 0, 'after'), 'rebuilt']], ['SC021'], ['rebuilt'], true],
  [
    [[spec('runtimeActions', 1, 'with', 'from'), '{fixture.old.x}']],
    ['SC021'],
    ['"{fixture.old.x}"'],
    true,
  ],
  [[[spec('runtimeActions', 0, 'use'), 'instal']], ['SC022'], ['instal']],
  [[[spec('runtimeActions', 1, 'action'), undefined]], ['SC022'], ['action']],
  [[[spec('runtimeActions', 0), { ...action, action: 'seed' }]], ['SC022'], ['action']],
  [[[spec('expectedFailure', 'action'), 'rebiuld']], ['SC022'], ['rebiuld'], true],
  // SC030 to SC032
  [[[spec('expectedChecks', 0, 'id'), 'lifecycle.rebuild']], ['SC030'], ['lifecycle.rebuild']],
  [
    [[spec('expectedChecks', 0, 'id'), 'lifecycle.rebuild.makrer']],
    ['SC030'],
    ['lifecycle.rebuild.makrer'],
    true,
  ],
  [
    [[spec('expectedChecks', 0), { ...check, id: 'lifecycle.rebuild.kept' }]],
    ['SC030'],
    ['lifecycle.rebuild.kept'],
    true,
  ],
  [
    [[spec('expectedFailure', 'check'), 'lifecycle.rebuild.other']],
    ['SC030'],
    ['lifecycle.rebuild.other'],
    true,
  ],
  [[[spec('expectedChecks', 0, 'boundary'), 'http']], ['SC031'], ['http'], true],
  [[[spec('expectedChecks', 0, 'evidence'), ['other.json']]], ['SC031'], ['[ other.json ]'], true],
  [[[spec('expectedChecks', 0, 'rows'), ['AQ-051']]], ['SC032'], ['AQ-051'], true],
  [[[['metadata', 'rows', 1], 'AQ-053']], ['SC032'], ['AQ-053'], true],
  [[[['metadata', 'rows', 1], 'AQ-054']], ['SC032'], ['AQ-054'], true],
  [
    [[spec('expectedFailure', 'forbiddenSideEffects', 0, 'observe'), 'sandbox-containre']],
    ['SC022'],
    ['sandbox-containre'],
    true,
  ],
  // SC040, SC041
  [[[spec('expectedFailure', 'forbiddenSideEffects'), undefined]], ['SC040'], ['expectedFailure']],
  [[[spec('expectedFailure', 'forbiddenSideEffects'), []]], ['SC040'], ['[]']],
  [[[spec('runtimeActions', 2, 'expect'), undefined]], ['SC041'], ['rebuild'], true],
  [[[spec('runtimeActions', 2, 'expect', 'exit'), 0]], ['SC041'], ['rebuild'], true],
  // FX001, FX004
  [[[spec('fixtures', 0, 'restore'), undefined]], ['FX001'], ['key']],
  [[[spec('fixtures', 0, 'kind'), 'mount']], ['FX004'], ['mount']],
  [[[spec('fixtures', 0, 'with', 'file'), '/etc/hosts']], ['FX002'], ['/etc/hosts'], true],
  [[[spec('fixtures', 0, 'with', 'sett'), 1]], ['SC002'], ['sett']],
  [
    [[spec('fixtures', 0, 'with', 'set'), {}]],
    ['SC003'],
    ['{ file: "{product}/b.yaml", set: {} }'],
    true,
  ],
  [[[spec('fixtures', 0, 'with', 'file'), undefined]], ['SC003'], ['with']],
  [
    [
      [
        spec('fixtures', 2),
        {
          ...{ id: 'again', kind: 'file', restore: { budget: '1s' } },
          with: { path: '{product}/./b.yaml', content: '' },
        },
      ],
    ],
    ['FX003'],
    ['"{product}/./b.yaml"'],
    true,
  ],
  [[[spec('fixtures', 0, 'restore', 'budget'), undefined]], ['SC003'], ['restore']],
];

const rows = cases.map(([changes, codes, marked, beyond = false]) => ({
  ...{ changes, codes, marked, beyond },
  name: changes.map(([path, value]) => `${path.join('/')} = ${JSON.stringify(value)}`).join(', '),
}));

test.each(rows)('$codes: $name', ({ changes, codes, marked }) => {
  const { source, scenario, problems } = load(changed(example, changes));
  expect(problems.map(({ code }) => code)).toEqual(codes);
  expect(markedBy(source, problems)).toEqual(marked);
  expect(scenario).toBeUndefined();
  for (const { hint } of problems) expect(hint).toBeTruthy();
});

test('every code has a case', () => {
  expect([...new Set(cases.flatMap(([, codes]) => codes))].sort()).toEqual([
    ...[
      'FX001',
      'FX002',
      'FX003',
      'FX004',
      'MF011',
      'SC002',
      'SC003',
      'SC010',
      'SC011',
      'SC012',
      'SC020',
      'SC021',
    ],
    ...['SC022', 'SC030', 'SC031', 'SC032', 'SC040', 'SC041'],
  ]);
});

test('places are those of the file, also with CRLF', () => {
  const text = example.replace('after: rebuild', 'after: rebuilt').replaceAll('\n', '\r\n');
  const { source, problems } = load(text);
  expect(placesOf(source, problems)).toEqual(['SC021 21:45']);
  expect(problems[0]?.hint).toBe('Did you mean `rebuild`?');
});

test.each([
  ['a: [', 'SC001'],
  [example.replace('kind: Scenario', 'kind: Senario'), 'SC003'],
  [example.replace('kind: Scenario', ''), 'SC003'],
  ['', 'SC003'],
  [changed(validation, [[spec('claims'), ['gone.yaml']]]), 'SC011'],
  [
    changed(validation, [[spec('expectAudit', 'rows', 'AQ-099'), { status: 'unresolved' }]]),
    'SC032',
  ],
  [changed(validation, [[spec('expectAudit', 'rows', 'all'), { status: 'unresolved' }]]), 'SC003'],
  [changed(validation, [[spec('path'), 'bad']]), 'SC003'],
  [changed(validation, [[spec('forbidden'), []]]), 'SC040'],
  [changed(validation, [[spec('expectedChecks'), ['audit.phase8.fresh-rejected']]]), 'SC030'],
  [changed(validation, [[spec('expectedChecks'), ['audit.phase9.fresh']]]), 'SC030'],
  [changed(validation, [[spec('members'), 'all']]), 'SC003'],
  [changed(validation, [[spec('expectedChecks'), [{ id: 'a.b.c' }]]]), 'SC003'],
])('another file %#', (text, code) => {
  expect(load(text).problems.map((problem) => problem.code)).toEqual([code]);
});

describe('the published schemas and the loader agree (S2)', () => {
  const ajv = new Ajv2020({
    strictTuples: false,
    allErrors: true,
    strictTypes: false,
    strictRequired: false,
  });
  const accepts = ajv.compile(renderScenarioSchema());
  const acceptsValidation = ajv.compile(renderValidationSchema());

  test('on what is right', () => {
    expect(accepts(parse(example))).toBe(true);
    expect(acceptsValidation(parse(validation))).toBe(true);
    expect(accepts(parse(validation))).toBe(false);
  });

  test.each(rows)('$codes: $name', ({ changes, beyond }) => {
    expect(accepts(parse(changed(example, changes)))).toBe(beyond);
  });
});

test('same meaning, same scenario (S6)', () => {
  const canonical = (text: string) => canonicalJson(load(text).scenario as unknown as Json);
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).reverse();
    return Object.fromEntries(entries.map(([key, each]) => [key, reversed(each)]));
  };
  expect(canonical(`# other\n${stringify(reversed(parse(example)))}`)).toBe(canonical(example));
  expect(canonical(changed(example, [[spec('budget'), '5m']]))).not.toBe(canonical(example));
});

describe('loading is total (S5)', { timeout: 60_000 }, () => {
  const total = (bytes: Uint8Array): void => {
    const { scenario, problems } = loadScenarioBytes('s.yaml', bytes, context);
    expect(scenario === undefined).toBe(problems.length > 0);
  };

  test('bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), total));
  });

  test('the example with anything anywhere', () => {
    const { spec: parts } = parse(example) as { spec: object };
    const paths = Object.keys(parts).map((key) => spec(key));
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        const document = parse(example) as { spec: Record<string, unknown> };
        document.spec[String(path[1])] = value;
        total(new TextEncoder().encode(JSON.stringify(document)));
      }),
      { numRuns: 150 },
    );
  });
});

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['4m', 240_000],
  ['2h', 7_200_000],
])('%s are %d ms', (written, ms) => {
  expect(durationMs(written)).toBe(ms);
});

test('there are the thirteen kinds of fixture', () => {
  expect(new Set(fixtureKinds).size).toBe(13);
});
