// Attempts to have a run called passed for something it did not see. Overlays, hooks and the app run as
// the same user, so each of them can reach the store, the folder of the manifest and the process.

import { join } from 'node:path';
import { appendFile, cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import {
  command,
  type Ended,
  type Files,
  leftOf,
  makeCounter,
  type RealApp,
  removeRealApps,
  runsOf,
  start,
  stateOf,
} from './real-run.ts';

afterAll(removeRealApps);

const timeout = 240_000;

/** Asked after the installation; what it does is done to the rest of the run. */
const saboteur = (script: string): Files => ({ 'checks/custom.saboteur.check.sh': script });

async function runWith(files: Files): Promise<{ app: RealApp; ended: Ended; run: string }> {
  const app = await makeCounter(files);
  const ended = await start(app, ['run', '--quiet']).ended;
  const [run = ''] = (await runsOf(app)).toReversed();
  return { app, ended, run };
}

const failing: Files = {
  'checks/install.red.check.sh': 'echo it is broken >&2; [ "$SEATRIAL_STAGE" != head ]\n',
  'checks/upgrade.red.check.sh': 'exit 1\n',
};

const journal = '../store/runs/*/journal.jsonl';

describe.concurrent('what a run is made of', () => {
  test.for<readonly [what: string, script: string, message: RegExp]>([
    ['removed', 'rm ./upgrade.title.check.mjs', /snapshot-changed: .* is gone/],
    [
      'replaced by one that passes',
      'echo "export const answers = () => {};" > ./upgrade.title.check.mjs',
      /snapshot-changed: .* is not the file that was planned/,
    ],
  ])('a check is $0', { timeout }, async ([, script, message], { expect: check }) => {
    const { app, ended, run } = await runWith({
      'checks/install.saboteur.check.sh': `cd "$(dirname "$0")"; ${script}\n`,
    });
    check(ended.code, ended.err).toBe(3);
    const state = await stateOf(app, run);
    const asked = state?.checks.find(({ id }) => id === 'overlay.upgrade.answers');
    check(asked).toMatchObject({ verdict: 'error' });
    check(asked?.message).toMatch(message);
    check((await command(app, 'verify', run)).code).toBe(0);
  });

  test('a hook is replaced by one that does nothing', { timeout }, async ({ expect: check }) => {
    const { app, ended, run } = await runWith({
      'checks/install.saboteur.check.sh': 'echo true > "$(dirname "$0")/../hooks/seed.sh"\n',
    });
    check(ended.code, ended.err).toBe(3);
    const state = await stateOf(app, run);
    const upgrade = state?.operations.find(({ name }) => name === 'upgrade');
    check(upgrade).toMatchObject({ outcome: 'error', cause: 'refused' });
    check(upgrade?.message).toContain('hooks/seed.sh is not the hook that was planned');
  });

  test('Seatrial is killed by a check', { timeout }, async ({ expect: check }) => {
    const { app, ended, run } = await runWith({
      'checks/upgrade.killer.check.sh': `pid=$PPID
until [ "$(ps -o comm= -p "$pid")" = node ] || [ "$pid" -le 1 ]; do
  pid=$(ps -o ppid= -p "$pid" | tr -d ' ')
done
kill -9 "$pid"
`,
    });
    check({ code: ended.code, signal: ended.signal }, ended.err).toEqual({
      code: null,
      signal: 'SIGKILL',
    });
    check((await command(app, 'show', run)).code).toBe(3);
    check((await command(app, 'recover')).code).toBe(0);
    const state = await stateOf(app, run);
    check(state?.verdict).not.toBe('passed');
    check(await leftOf(app, state)).toEqual([]);
  });
});

describe.concurrent('the store during the run', () => {
  test.for<readonly [what: string, script: string]>([
    ['a failed answer is written over', `sed -i 's/"verdict":"failed"/"verdict":"passed"/' STORE`],
    [
      'records are cut off',
      `f=$(ls STORE); head -n 12 "$f" > /tmp/x$$; cat /tmp/x$$ > "$f"; rm /tmp/x$$`,
    ],
    ['the journal is removed', 'rm STORE'],
    ['a record is appended', `f=$(ls STORE); tail -n 1 "$f" >> "$f"`],
  ])('the journal: $0', { timeout }, async ([, script], { expect: check }) => {
    const { app, ended, run } = await runWith({
      ...failing,
      ...saboteur(`cd "$(dirname "$0")/.."\n${script.replaceAll('STORE', journal)}\n`),
    });
    check([1, 3], ended.err).toContain(ended.code);
    check(ended.out).not.toMatch(/ PASSED /);
    const verified = await command(app, 'verify', run);
    check(verified.code, verified.out).not.toBe(0);
  });

  test('result.json and reports are forged', { timeout }, async ({ expect: check }) => {
    const forged = '{"verdict":"passed","exitCode":0}';
    const { app, ended, run } = await runWith({
      ...failing,
      ...saboteur(`cd "$(dirname "$0")/../../store/runs"/*
for name in result.json report.html junit.xml ctrf.json markers.log attestation.intoto.jsonl; do
  echo '${forged}' > "$name"
done
`),
    });
    check(ended.code, ended.err).toBe(1);
    check((await command(app, 'show', run)).code).toBe(1);
    const result = await readFile(join(app.store, 'runs', run, 'result.json'), 'utf8');
    check(JSON.parse(result)).toMatchObject({ verdict: 'failed' });
    const { code, out } = await command(app, 'verify', run);
    check(code, out).toBe(1);
    check(out).toContain('attestation.intoto.jsonl');
  });
});

describe('after the run', () => {
  test('a red run is dropped from the store, or from its list', { timeout }, async () => {
    const { app, run } = await runWith(failing);
    const list = join(app.store, 'runs.jsonl');
    const before = await readFile(list, 'utf8');
    await rm(join(app.store, 'runs', run), { recursive: true });
    const { code, out } = await command(app, 'verify');
    expect(code).toBe(1);
    expect(out).toContain(run);
    expect((await command(app, 'verify', '--all')).code).toBe(1);
    await writeFile(list, before.split('\n').slice(1).join('\n'));
    expect((await command(app, 'verify', '--all')).code).toBe(1);
    await rm(list);
    await expect(command(app, 'verify', '--all')).rejects.toThrow('no run in store');
  });

  test('a green bundle under the name of another run proves nothing', { timeout }, async () => {
    const { app, run, ended } = await runWith({});
    expect(ended.code, ended.err).toBe(0);
    const other = run.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const root = join(app.store, 'runs');
    await cp(join(root, run), join(root, other), { recursive: true });
    const { code, out } = await command(app, 'verify', other);
    expect(code, out).not.toBe(0);
    expect((await command(app, 'show', other)).code).toBe(3);
    const store = join(app.store, 'store.json');
    const { id, ...rest } = JSON.parse(await readFile(store, 'utf8')) as { id: string };
    expect((await command(app, 'show', run)).code).toBe(0);
    await writeFile(store, JSON.stringify({ ...rest, id: `${id}0` }));
    expect((await command(app, 'show', run)).code).toBe(3);
    await writeFile(store, JSON.stringify({ ...rest, id }));
    await appendFile(join(root, run, 'markers.log'), 'PASS: floor.more\n');
    expect((await command(app, 'verify', run)).code).not.toBe(0);
    expect(await readdir(root)).toHaveLength(2);
  });
});
