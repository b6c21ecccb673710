import { createServer } from 'node:http';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { OverlayOutcome } from '../../../src/ports/overlays.ts';
import { facts, makeChecksFolder, runOnly, textOf, verdictsOf } from './checks-folder.ts';

// Starting a process can take long on a busy host.
vi.setConfig({ testTimeout: 20_000 });

const inContext = (body: string, more: Parameters<typeof runOnly>[1] = {}) =>
  runOnly({ 'upgrade.a.check.mjs': `export const a = async (ctx) => { ${body} };` }, more);
const expectPassed = (outcomes: readonly OverlayOutcome[]) => {
  expect(outcomes.map(({ verdict, message }) => `${verdict}: ${message}`)).toEqual([
    'passed: the check returned',
  ]);
};

test('facts can be read and not changed', async () => {
  const snapshots = { after: { services: {}, volumes: [], listeners: [], facts: { a: [1] } } };
  const outcomes = await inContext(
    `ctx.assert.equal(ctx.app, 'notes'); ctx.assert.equal(ctx.stage, 'head');
       ctx.assert.deepEqual(ctx.snapshots.after.facts, { a: [1] });
       ctx.assert.throws(() => { ctx.snapshots.after.facts.a[0] = 2; }, TypeError);
       ctx.assert.throws(() => { ctx.app = 'x'; }, TypeError);
       ctx.assert.throws(() => { ctx.markers.push(1); }, TypeError);`,
    { facts: { snapshots } },
  );
  expectPassed(outcomes);
  expect(outcomes[0]?.touched).toEqual(['driver']);
});

test('nothing of the environment is inherited but what is declared', async () => {
  process.env['SEATRIAL_TEST_SECRET'] = 'hidden';
  onTestFinished(() => {
    delete process.env['SEATRIAL_TEST_SECRET'];
  });
  expectPassed(
    await inContext(
      `ctx.assert.deepEqual(Object.keys(process.env).sort(), ['DECLARED', 'HOME', 'LANG', 'PATH', 'SEATRIAL_APP',
          'SEATRIAL_BASE_URL', 'SEATRIAL_OPERATION', 'SEATRIAL_RESULTS', 'SEATRIAL_STAGE', 'TMPDIR']);
         ctx.assert.equal(process.env.DECLARED, 'yes'); ctx.assert.equal(process.env.SEATRIAL_APP, 'notes');`,
      { facts: { url: 'http://127.0.0.1:1', env: { DECLARED: 'yes', SEATRIAL_APP: 'forged' } } },
    ),
  );
});

test('the private folder is removed', async () => {
  const made = await makeChecksFolder({
    'upgrade.a.check.mjs': `import { writeFileSync } from 'node:fs';\nexport const a = (ctx) => ctx.evidence('home', (writeFileSync(process.env.HOME + '/x', ''), process.env.HOME));`,
  });
  const selection = await made.selection();
  const [outcome] = await made.runner.run(selection, facts, {
    folder: made.folder,
    timeoutMs: 5000,
  });
  const home = textOf(outcome, 'home') ?? '';
  expect(home.startsWith(made.work)).toBe(true);
  await expect(writeFile(join(home, 'x'), '')).rejects.toThrow('ENOENT');
});

test('evidence of each kind', async () => {
  const [outcome] = await inContext(
    `ctx.evidence('text', 'ä'); ctx.evidence('page.html', '<p>'); ctx.evidence('value', { a: [1] }); ctx.evidence('bytes', new Uint8Array([1, 0, 255]).subarray(1));`,
  );
  expect(outcome?.evidence).toEqual([
    { name: 'text', mediaType: 'text/plain', bytes: new TextEncoder().encode('ä') },
    { name: 'page.html', mediaType: 'text/html', bytes: new TextEncoder().encode('<p>') },
    {
      name: 'value',
      mediaType: 'application/json',
      bytes: new TextEncoder().encode('{\n  "a": [\n    1\n  ]\n}'),
    },
    { name: 'bytes', mediaType: 'application/octet-stream', bytes: new Uint8Array([0, 255]) },
  ]);
});

test.each([
  ["ctx.evidence('../x', 1)", /letters, digits/],
  ["ctx.evidence('a', 1); ctx.evidence('a', 2)", /already/],
  ["ctx.evidence('a', undefined)", /needs a text/],
  ["ctx.evidence('a', 'x'.repeat(2 ** 20 + 1))", /larger than 1 MiB/],
  ["for (let i = 0; ; i++) ctx.evidence('a' + i, 'x'.repeat(2 ** 20))", /more than 8 MiB/],
])('%s is refused', async (body, message) => {
  const [outcome] = await inContext(body);
  expect(outcome?.verdict).toBe('failed');
  expect(outcome?.message).toMatch(message);
});

test('evidence after the end belongs to nobody', async () => {
  const outcomes = await runOnly({
    'upgrade.a.check.mjs': `let late; export const a = (ctx) => { late = ctx; };\nexport const b = () => { late.evidence('x', 1); };`,
  });
  expect(verdictsOf(outcomes)).toEqual(['a passed', 'b failed']);
  expect(outcomes[0]?.evidence).toEqual([]);
});

test('requests go to the app only', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/base/moved')
      response.writeHead(302, { location: 'http://example.invalid/' });
    response.end(request.url);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const port = String((server.address() as AddressInfo).port);
  const url = `http://127.0.0.1:${port}/base`;
  const outcomes = await inContext(
    `const get = async (path) => { const answer = await ctx.fetch(path); return [answer.status, await answer.text()]; };
       ctx.assert.deepEqual(await get('/a?b'), [200, '/base/a?b']);
       ctx.assert.deepEqual(await get('c'), [200, '/base/c']);
       ctx.assert.deepEqual(await get('${url}/d'), [200, '/base/d']);
       ctx.assert.equal((await get('/moved'))[0], 302);
       for (const elsewhere of ['http://127.0.0.1:${port}/other', 'http://127.0.0.1:1/base/', '/../x', '../x', 'http://127.0.0.1:${port}/basement', 'file:///etc/passwd'])
         await ctx.assert.rejects(ctx.fetch(elsewhere), /not below/);`,
    { facts: { url } },
  );
  expectPassed(outcomes);
  expect(outcomes[0]?.touched).toEqual(['http']);
});

test('an app that does not answer is not touched', async () => {
  const [outcome] = await inContext(`await ctx.fetch('/')`, {
    facts: { url: 'http://127.0.0.1:1' },
  });
  expect(outcome).toMatchObject({ verdict: 'failed', touched: [] });
  const [none] = await inContext(`await ctx.fetch('/')`);
  expect(none?.message).toMatch(/no HTTP/);
});
