import { appendFile, readFile, symlink, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemFiles } from '../../src/drivers/files.ts';
import { subjectNames } from '../../src/evidence/bundle-paths.ts';
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts';
import type { AttestationAnswer, VerifyOptions } from '../../src/evidence/verify-finding.ts';
import { verifyBundle } from '../../src/evidence/verify.ts';
import {
  checkEnded,
  checkStarted,
  header,
  openSampleBundle,
  operationEnded,
  operationStarted,
  runStarted,
  temporaryFolder,
  wholeRun,
  writeSampleBundle,
} from './sample-run.ts';

const files = systemFiles;

/** Stands for a signature: the line states its own digest. */
async function attest(root: string, names: readonly string[] = subjectNames): Promise<void> {
  const subjects = [];
  for (const name of names)
    subjects.push({ name, sha256: sha256Hex(await files.read(`${root}/${name}`)) });
  const statement = canonicalJson(subjects);
  await writeFile(`${root}/attestation.intoto.jsonl`, `${sha256Hex(statement)} ${statement}\n`);
}

function verifyAttestation(bytes: Uint8Array): AttestationAnswer {
  const text = Buffer.from(bytes).toString('latin1');
  const statement = text.slice(65, -1);
  if (text !== `${sha256Hex(statement)} ${statement}\n`)
    return { findings: [{ code: 'signature', message: 'It does not hold.' }], subjects: [] };
  return { findings: [], subjects: JSON.parse(statement) as AttestationAnswer['subjects'] };
}

async function sample(): Promise<string> {
  const root = await temporaryFolder();
  await writeSampleBundle(root);
  await attest(root);
  return root;
}

const verify = (root: string, change: Partial<VerifyOptions> = {}) =>
  verifyBundle({ files, root, verifyAttestation, ...change });

const found = async (root: string, change: Partial<VerifyOptions> = {}) =>
  (await verify(root, change)).findings.map(({ file, code }) => `${file} ${code}`);

test('a whole bundle has no finding', async () => {
  const root = await sample();
  const { ok, findings, state } = await verify(root, { header });
  expect(findings).toEqual([]);
  expect({ ok, verdict: state?.verdict }).toEqual({ ok: true, verdict: 'passed' });
});

test('a flip of any byte of any file is found and the file is named', async () => {
  const root = await sample();
  const sizes = new Map(
    (await files.listing(root))
      .filter(({ kind }) => kind === 'file')
      .map(({ path, sizeBytes }) => [path, sizeBytes]),
  );
  expect(sizes.size).toBe(subjectNames.length + 3);
  const place = fc
    .constantFrom(...sizes.keys())
    .chain((path) => fc.tuple(fc.constant(path), fc.nat((sizes.get(path) ?? 1) - 1)));
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async ([path, at], mask) => {
      const whole = await readFile(`${root}/${path}`);
      const spoiled = Uint8Array.from(whole);
      spoiled[at] = (whole[at] ?? 0) ^ mask;
      await writeFile(`${root}/${path}`, spoiled);
      const { ok, findings } = await verify(root);
      await writeFile(`${root}/${path}`, whole);
      expect(ok).toBe(false);
      expect(
        findings.filter(({ severity }) => severity === 'error').map(({ file }) => file),
      ).toContain(path);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test('without an attestation the same holds for all that the journal gives', async () => {
  const root = await temporaryFolder();
  await writeSampleBundle(root);
  for (const path of ['journal.jsonl', 'result.json', 'markers.log']) {
    const whole = await readFile(`${root}/${path}`);
    // The last bytes of the journal are the ones that no later line vouches for.
    for (let at = Math.max(0, whole.length - 90); at < whole.length; at += 1) {
      const spoiled = Uint8Array.from(whole);
      spoiled[at] = (whole[at] ?? 0) ^ 1;
      await writeFile(`${root}/${path}`, spoiled);
      const { findings } = await verify(root);
      expect(
        findings.filter(({ severity }) => severity === 'error').map(({ file }) => file),
      ).toContain(path);
    }
    await writeFile(`${root}/${path}`, whole);
  }
}, 30_000);

const objectOf = (content: string | Uint8Array): string =>
  `objects/${sha256Hex(content).slice(0, 2)}/${sha256Hex(content)}`;
const planObject = objectOf('{"plan":1}');
const unreferenced = [planObject, objectOf(new Uint8Array(5000).fill(7))].map(
  (path) => `${path} unreferenced-object`,
);

test('a report that nothing vouches for can be changed unnoticed', async () => {
  const root = await sample();
  await appendFile(`${root}/report.html`, ' ');
  expect(await found(root)).toEqual(['report.html subject-digest']);
  await files.remove(`${root}/attestation.intoto.jsonl`);
  expect(await found(root)).toEqual(['attestation.intoto.jsonl unsigned']);
});

type Damage = [
  what: string,
  damage: (root: string) => Promise<unknown>,
  findings: readonly string[],
];
test.each<Damage>([
  [
    'a missing journal',
    (root) => files.remove(`${root}/journal.jsonl`),
    ['journal.jsonl journal-missing', 'journal.jsonl subject-missing', ...unreferenced],
  ],
  [
    'a missing result',
    (root) => files.remove(`${root}/result.json`),
    ['result.json result-missing', 'result.json subject-missing'],
  ],
  [
    'missing markers',
    (root) => files.remove(`${root}/markers.log`),
    ['markers.log markers-missing', 'markers.log subject-missing'],
  ],
  [
    'a missing report',
    (root) => files.remove(`${root}/report.html`),
    ['report.html subject-missing'],
  ],
  [
    'a missing object',
    (root) => files.remove(`${root}/${planObject}`),
    [`${planObject} object-missing`],
  ],
  [
    'a file that does not belong',
    (root) => writeFile(`${root}/notes.txt`, ''),
    ['notes.txt unknown-file'],
  ],
  [
    'a folder that does not belong',
    (root) => files.makeDirectory(`${root}/more`),
    ['more unknown-file'],
  ],
  [
    'an object that nobody points to',
    (root) => storeObject(root, 'extra'),
    [`${objectOf('extra')} unreferenced-object`],
  ],
  ['a link', (root) => symlink('/etc/passwd', `${root}/link`), ['link not-a-file']],
  [
    'bytes after the end of the journal',
    (root) => appendFile(`${root}/journal.jsonl`, '{'),
    ['journal.jsonl trailing-bytes', 'journal.jsonl subject-digest'],
  ],
  [
    'what a crash leaves',
    (root) =>
      files
        .makeDirectory(`${root}/objects/incoming`)
        .then(() => writeFile(`${root}/objects/incoming/1`, 'x')),
    ['objects/incoming/1 leftover'],
  ],
])('%s is found', async (_what, damage, findings) => {
  const root = await sample();
  await damage(root);
  expect((await found(root)).sort()).toEqual([...findings].sort());
});

async function storeObject(root: string, content: string): Promise<void> {
  const folder = `${root}/objects/${sha256Hex(content).slice(0, 2)}`;
  await files.makeDirectory(folder);
  await writeFile(`${folder}/${sha256Hex(content)}`, content);
}

test('without an attestation, the reports that nothing vouches for are named', async () => {
  const root = await sample();
  await files.remove(`${root}/attestation.intoto.jsonl`);
  expect(await verify(root)).toMatchObject({
    ok: true,
    findings: [
      {
        ...{ file: 'attestation.intoto.jsonl', code: 'unsigned', severity: 'warning' },
        message:
          'There is no attestation; nothing vouches for journal.jsonl, report.html, junit.xml, ctrf.json.',
      },
    ],
  });
});

test('an attestation must name every file it could, and no other', async () => {
  const root = await sample();
  await attest(root, ['journal.jsonl', 'result.json', 'markers.log', 'junit.xml', 'ctrf.json']);
  expect(await found(root)).toEqual(['report.html not-covered']);
  const subjects = () => ({ findings: [], subjects: [{ name: '../x', sha256: '' }] });
  expect(await found(root, { verifyAttestation: subjects })).toContain(
    'attestation.intoto.jsonl unknown-subject',
  );
});

test('a head or header noted elsewhere must be the bundle’s', async () => {
  const root = await sample();
  const { state } = await verify(root);
  expect(await found(root, { head: state?.head ?? '' })).toEqual([]);
  expect(await found(root, { head: '0'.repeat(64) })).toEqual(['journal.jsonl head-differs']);
  const other = { ...header, run: 'run-2' };
  expect(await found(root, { header: other })).toContain('journal.jsonl chain-broken');
});

test('a plan other than the one whose digest the run states is found', async () => {
  const root = await temporaryFolder();
  const bundle = await openSampleBundle(root);
  const plan = await bundle.put({ path: 'plan.json', mediaType: 'application/json', content: '1' });
  await bundle.append(runStarted({ plan }));
  await bundle.close();
  expect(await found(root)).toContain('journal.jsonl plan-digest');
});

test('records that break the rules are found although their chain holds', async () => {
  const root = await sample();
  const lines = (await readFile(`${root}/journal.jsonl`, 'utf8')).trimEnd().split('\n');
  const spoiled = [...lines.slice(0, 4), lines[3] ?? '', ...lines.slice(4)];
  let prev = '';
  const linked = spoiled.map((line, index) => {
    const record = JSON.parse(line) as { prev: string };
    const next = canonicalJson({
      ...record,
      seq: index + 1,
      prev: prev === '' ? record.prev : prev,
    });
    prev = sha256Hex(next);
    return `${next}\n`;
  });
  await writeFile(`${root}/journal.jsonl`, linked.join(''));
  const { findings } = await verify(root);
  expect(findings).toContainEqual({
    ...{ file: 'journal.jsonl', seq: 5, code: 'rule-broken', severity: 'error' },
    message: 'Record 5: operation install starts a second time.',
  });
});

test('one object cannot have two sizes, nor another than its record says', async () => {
  const root = await temporaryFolder();
  const bundle = await openSampleBundle(root);
  const object = await bundle.put({ path: 'x', mediaType: 't', content: 'abc' });
  await bundle.append(runStarted({ plan: { ...object, bytes: 4 }, planDigest: object.sha256 }));
  await bundle.append(operationStarted('install'));
  await bundle.append(checkStarted('a'));
  await bundle.append(checkEnded('a', 'passed', [object]), { durable: true });
  await bundle.close();
  const codes = (await verify(root)).findings.map(({ code, seq }) => [code, seq]);
  expect(codes).toContainEqual(['object-size', 4]);
  expect(codes).toContainEqual(['object-size', 1]);
});

test('a run killed between two operations verifies, and so does one killed in a write', async () => {
  const root = await temporaryFolder();
  const bundle = await openSampleBundle(root);
  const plan = await bundle.put({ path: 'plan.json', mediaType: 'application/json', content: '1' });
  const start = runStarted({ plan, planDigest: plan.sha256 });
  for (const entry of wholeRun(start).slice(0, 9)) await bundle.append(entry, { durable: true });
  const text = await readFile(bundle.paths.journal, 'utf8');
  for (const length of [text.length, text.length - 20]) {
    await writeFile(bundle.paths.journal, text.slice(0, length));
    await storeObject(root, 'written before its record');
    const { ok, findings, state } = await verify(root);
    expect({ ok, findings: findings.filter(({ severity }) => severity === 'error') }).toEqual({
      ok: true,
      findings: [],
    });
    expect(state?.verdict).toBe('not-run');
  }
  await bundle.close();
});

test('cut at any byte, a bundle tells the truth about the part that is left', async () => {
  const root = await sample();
  const whole = await files.read(`${root}/journal.jsonl`);
  const step = 97;
  for (let length = whole.length - 1; length >= 0; length -= step) {
    await writeFile(`${root}/journal.jsonl`, whole.subarray(0, length));
    const { ok, state } = await verify(root);
    expect(ok).toBe(false);
    expect(state?.verdict).not.toBe('passed');
  }
});

test('a result left from before the end is old, not a forgery', async () => {
  const root = await temporaryFolder();
  const bundle = await openSampleBundle(root);
  const plan = await bundle.put({ path: 'plan.json', mediaType: 'application/json', content: '1' });
  await bundle.append(runStarted({ plan, planDigest: plan.sha256 }));
  await bundle.append(operationStarted('install'));
  await bundle.append(operationEnded('install'));
  const before = await readFile(bundle.paths.result);
  await bundle.append({ type: 'run.ended', data: { outcome: 'stopped' } });
  await bundle.close();
  await writeFile(bundle.paths.result, before);
  expect(await found(root)).toEqual([
    'result.json result-old',
    'attestation.intoto.jsonl unsigned',
  ]);
});
