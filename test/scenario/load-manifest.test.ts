import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { renderProblems } from '../../src/diagnostics/render.ts';
import { makeSource } from '../../src/diagnostics/source.ts';
import { canonicalJson } from '../../src/evidence/canonical.ts';
import type { Json } from '../../src/ports/json.ts';
import {
  loadManifest,
  loadManifestBytes,
  manifestSizeMax,
} from '../../src/scenario/load-manifest.ts';
import { renderManifestSchema } from '../../src/scenario/manifest-json-schema.ts';
import { placesOf } from './at.ts';
import { badManifests, goodManifests, head } from './manifest-samples.ts';

const context = {
  exists: (path: string) => path === 'here.sh' || path === './here.sh',
  checkIds: new Set(['smoke.http.answers']),
};
const load = (text: string) => {
  const source = makeSource('seatrial.yaml', text);
  return { source, ...loadManifest(source, context) };
};

test.each(badManifests)('$at in $text', ({ text, at, hint }) => {
  const { source, manifest, problems } = load(text);
  expect(placesOf(source, problems)).toEqual(at);
  expect(manifest).toBeUndefined();
  for (const problem of problems) expect(problem.hint).toMatch(hint);
  expect(renderProblems([{ source, diagnostics: problems }])).not.toContain('hunter2');
});

test.each(goodManifests)('nothing wrong: %j', (text) => {
  const { manifest, problems } = load(text);
  expect(problems).toEqual([]);
  expect(manifest).toBeDefined();
});

test('every code has a case', () => {
  const codes = badManifests.flatMap(({ at }) => at.map((each) => each.slice(0, 5)));
  expect([...new Set(codes)].sort()).toEqual([
    ...['MF001', 'MF002', 'MF010', 'MF011', 'MF012', 'SC001', 'SC002', 'SC003', 'SC011'],
  ]);
});

describe('the published schema and the loader agree (S2)', () => {
  // Types stand beside the conditions, not in them, and a tuple is open on purpose.
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictTuples: false });
  const validate = ajv.compile(renderManifestSchema());

  test.each(goodManifests)('accepted: %j', (text) => {
    expect(validate(parse(text) ?? null)).toBe(true);
  });

  test.each(badManifests.filter(({ at }) => at[0]?.startsWith('SC001') === false))(
    '$at in $text',
    ({ text, beyondSchema }) => {
      expect(validate(parse(text) ?? null)).toBe(beyondSchema === true);
    },
  );

  test('canary: a schema that lost a rule disagrees', () => {
    const blind = ajv.compile({ ...renderManifestSchema(), allOf: [{}] });
    const seen = badManifests.filter(({ text, beyondSchema }) => {
      if (beyondSchema === true) return false;
      return blind(parse(text) ?? null);
    });
    expect(seen.length).toBeGreaterThan(5);
  });
});

describe('warnings', () => {
  test.each([
    ['backup: {capable: true}\nnotApplicable: {backup: it keeps nothing}\n', 'MF013 4:17'],
    ['base: {release: v1}\nnotApplicable: {upgrade: it keeps nothing}\n', 'MF013 4:17'],
    ['notApplicable: {rebuild: it keeps nothing}\n', 'MF013 3:17'],
  ])('%j', (rest, at) => {
    const source = makeSource('f', head + rest);
    const { manifest, problems } = loadManifest(source, { ...context, supports: ['rebuild'] });
    expect(placesOf(source, problems)).toEqual([at]);
    expect(problems[0]?.severity).toBe('warning');
    expect(manifest?.notApplicable).not.toEqual({});
  });

  test('nothing is stale where nothing says that it works', () => {
    expect(load(`${head}notApplicable: {backup: it keeps nothing}\n`).problems).toEqual([]);
  });
});

describe('defaults', () => {
  test.each([
    ['swarm', 10, undefined],
    ['abra', 10, undefined],
    ['compose', 10, undefined],
    ['process', 2, 'http'],
    ['fake', 0, 'http'],
  ])('of driver %s: settle %d, %s', (driver, settle, scheme) => {
    const { manifest } = load(`${head}driver: ${driver}\nprocess: {start: [a]}\n`);
    expect(manifest?.timeouts.settle).toBe(settle);
    expect(manifest?.health).toHaveProperty('path', '/');
    const { scheme: found } = manifest?.health as { readonly scheme?: string };
    expect(found).toBe(scheme);
  });

  test('of a file that says only what it must', () => {
    expect(load(head).manifest).toMatchObject({
      driver: 'swarm',
      source: { path: '.' },
      health: { path: '/', status: [200, 301, 302], redirectsTo: [], via: 'auto', service: 'app' },
      timeouts: {
        ...{ deploy: 600, http: 300, settle: 10, overlay: 120, hook: 120 },
        ...{ backup: 600, restore: 900, remove: 180 },
      },
      base: {},
      backup: { capable: 'auto', attempts: 1, how: 'stopped', restore: 'auto', destroy: 'volumes' },
      data: { markers: 'on', exclude: [] },
      screenshot: 'off',
      resolveImage: 'always',
    });
  });

  test.each([
    ['[{app: gone}]', 'gone', /not at|looked for at \.\.\/gone\/seatrial\.yaml/],
    ['[{app: sso}, {app: other, as: sso}]', '{app: other, as: sso}', /another name/],
    ['[{app: shop}]', 'shop', /Leave it out/],
  ])('dependencies that lead nowhere: %s', (written, at, hint) => {
    const text = `seatrial: 1\napp: shop\nsource: {git: r}\ndependencies: ${written}\n`;
    const hasApp = (app: string): boolean => app !== 'gone';
    const { manifest, problems } = loadManifest(makeSource('seatrial.yaml', text), {
      ...context,
      hasApp,
    });
    expect(manifest).toBeUndefined();
    expect(problems.map(({ code, span }) => [code, text.slice(span.start, span.end)])).toEqual([
      ['MF012', at],
    ]);
    expect(problems[0]?.hint).toMatch(hint);
  });

  test('a dependency is known by its own name', () => {
    const { manifest } = load(`${head}dependencies: [{app: sso}]\n`);
    expect(manifest?.dependencies).toEqual([{ app: 'sso', as: 'sso', env: {}, warm: false }]);
  });

  test('without HTTP nothing else of health is left', () => {
    const { manifest } = load(
      `${head}health: {none: it speaks only SMTP}\nprobes: [{tcp: "25"}]\n`,
    );
    expect(manifest?.health).toEqual({ none: 'it speaks only SMTP' });
  });
});

describe('same meaning, same manifest (S6)', () => {
  const canonical = (text: string) => canonicalJson(load(text).manifest as unknown as Json);
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).reverse();
    return Object.fromEntries(entries.map(([key, each]) => [key, shuffled(each)]));
  };

  test.each(goodManifests)('comments, order and style of %j', (text) => {
    const other = `# a comment\r\n${stringify(shuffled(parse(text))).replaceAll('\n', '\r\n')}`;
    expect(canonical(other)).toBe(canonical(text));
  });

  test('a default written out is the default', () => {
    expect(canonical(`${head}driver: swarm\ntimeouts: {settle: 10}\nenv: {}\n`)).toBe(
      canonical(head),
    );
  });

  test('canary: another meaning is another manifest', () => {
    expect(canonical(`${head}env: {A: b}\n`)).not.toBe(canonical(head));
  });
});

describe('loading is total (S5)', { timeout: 60_000 }, () => {
  const total = (bytes: Uint8Array): void => {
    const { source, manifest, problems } = loadManifestBytes('f', bytes, context);
    expect(manifest === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
    expect(placesOf(source, problems)).toHaveLength(problems.length);
    renderProblems([{ source, diagnostics: problems }]);
    for (const { hint } of problems) expect(hint).toBeTruthy();
  };

  test('bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), total));
  });

  test('a good manifest with bytes changed', () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.constantFrom(...Buffer.from('\0\xff{}[]:-\n "#&*!|>a1', 'latin1')),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...goodManifests),
        fc.array(edit, { maxLength: 4 }),
        (text, edits) => {
          const bytes = new TextEncoder().encode(text);
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          total(bytes);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('any JSON below any key', () => {
    const key = fc.constantFrom(...Object.keys(renderManifestSchema()['properties'] as object));
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 4 }), (given) => {
        total(new TextEncoder().encode(JSON.stringify({ seatrial: 1, app: 'a', ...given })));
      }),
      { numRuns: 150 },
    );
  });

  test('a megabyte is refused unread, and 64 KiB are read', () => {
    total(new Uint8Array(1_048_576));
    total(new TextEncoder().encode('['.repeat(manifestSizeMax)));
    total(new TextEncoder().encode(`${head}env:\n${'  A: b\n'.repeat(9000)}`));
    expect(load(`${head}#${'x'.repeat(manifestSizeMax)}`).problems[0]?.code).toBe('SC001');
    expect(load(`${head}#${'x'.repeat(manifestSizeMax - head.length - 1)}`).problems).toEqual([]);
  });
});
