// The rows of the acceptance table that need a kernel: signatures, subsets, order, a kernel that hangs,
// a runner that is killed, and bytes that somebody changed.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Acceptance } from './acceptance-report.ts';
import { isThere, readResults, readSignOff, type Stage } from './acceptance-aetherra-stage.ts';
import { heading, run, say } from './steps.ts';

const gate = 'hmr_quiesce';
const evidence = 'hmr_audit.jsonl';
const killed = 137;

export async function acceptRows(stage: Stage, acceptance: Acceptance): Promise<void> {
  heading('rows of the acceptance table');
  await usage(stage, acceptance);
  await subset(stage, acceptance);
  await order(stage, acceptance);
  await hang(stage, acceptance);
  await killedRunner(stage, acceptance);
  await signatures(stage, acceptance);
}

const gates = (stage: Stage, args: readonly string[], out = '.') =>
  stage.seatrial(['gates', 'run', '--quiet', '--pack', stage.pack, '--out', out, ...args]);

async function usage(stage: Stage, { expectThat }: Acceptance): Promise<void> {
  const wrong = [
    ['--gates', 'no_such_gate'],
    ['--gates', ''],
    ['--all', '--gates', gate],
  ];
  for (const args of wrong)
    await expectThat(`row 4: gates run ${args.join(' ')}: exit 2, no file written`, async () => {
      const { code } = await gates(stage, args, 'row4');
      return code === 2 && !isThere(stage, 'row4');
    });
}

async function subset(stage: Stage, { expectThat }: Acceptance): Promise<void> {
  await expectThat('row 5: a subset is partial, six gates not run, exit 0', async () => {
    const { code } = await gates(stage, ['--gates', 'launcher_smoke', 'agents_api'], 'row5');
    const { _meta: meta, ...asked } = readResults(stage, 'row5');
    const rows = readSignOff(stage, 'row5').split('\n');
    const unasked = rows.filter((row) => row.startsWith('|') && row.includes('⚪'));
    return (
      code === 0 &&
      meta['decision'] === 'partial' &&
      Object.keys(asked).join() === 'launcher_smoke,agents_api' &&
      unasked.length === 6
    );
  });
}

/** A gates file beside the pack's own, made from it by replacing texts. */
function variant(stage: Stage, name: string, change: (text: string) => string): string {
  const text = readFileSync(join(stage.pack, 'gates.yaml'), 'utf8');
  const changed = change(text);
  if (changed === text) throw new Error(`the variant ${name} changes nothing`);
  const path = join(stage.pack, `variant-${name}.yaml`);
  writeFileSync(path, changed);
  return path;
}

/** The text of one gate, from its name to the next. */
const gateText = (text: string, name: string): string =>
  new RegExp(`^  ${name}:\\n(?: {4}.*\\n|\\n)*`, 'mu').exec(text)?.[0] ?? '';

async function order(stage: Stage, { expectThat }: Acceptance): Promise<void> {
  await expectThat('row 6: gates in another order give the same results', async () => {
    const path = variant(stage, 'swapped', (text) => {
      const [first, second] = ['launcher_smoke', 'agents_api'].map((name) => gateText(text, name));
      const marked = text.replace(first ?? '', '#1\n').replace(second ?? '', '#2\n');
      return marked.replace('#1\n', () => second ?? '').replace('#2\n', () => first ?? '');
    });
    const args = ['--gates', 'launcher_smoke', 'agents_api'];
    const names = ['gates', 'run', '--quiet', '--file', path, '--out', 'row6', ...args];
    const { code } = await stage.seatrial(names);
    const [before, after] = [readResults(stage, 'row5'), readResults(stage, 'row6')];
    const states = (results: typeof before) =>
      ['launcher_smoke', 'agents_api'].map((name) => results[name]?.state).join();
    const swapped = Object.keys(after).slice(1).join() === 'agents_api,launcher_smoke';
    return code === 0 && swapped && states(before) === states(after);
  });
}

async function hang(stage: Stage, { expectThat }: Acceptance): Promise<void> {
  await expectThat('row 7: a kernel that hangs at boot is error, exit 3, and gone', async () => {
    const path = variant(stage, 'hangs', (text) =>
      text.replace(
        /^(  agents_api:\n)/mu,
        '$1    env: { SEATRIAL_KERNEL_FAULTS: launcher.hang }\n',
      ),
    );
    const args = ['--file', path, '--gates', 'agents_api', '--timeout', '8', '--out', 'row7'];
    const { code, seconds } = await stage.seatrial(['gates', 'run', '--quiet', ...args]);
    const state = readResults(stage, 'row7')['agents_api']?.state;
    if (await isKernelLeft(stage)) return 'a kernel is left';
    return code === 3 && state === 'error' && seconds < 8 + 6 + 5;
  });
}

/** Kernels of this stage are started with data below its folder. */
async function isKernelLeft({ folder }: Stage): Promise<boolean> {
  const { stdout } = await run('pgrep', ['-f', `kernel/main.js.*${folder}`]);
  return stdout.trim() !== '';
}

async function killedRunner(stage: Stage, { expectThat }: Acceptance): Promise<void> {
  await expectThat(
    'row 8: a killed runner leaves truthful records and, after recover, nothing',
    async () => {
      const args = ['gates', 'run', '--pack', stage.pack, '--store', 'row8-store', '--out', 'row8'];
      const ended = await stage.seatrial(args, {
        onLine: (line, kill) => {
          if (line === 'memory_qfac') setTimeout(kill, 300);
        },
      });
      const report = ['gates', 'report', '--store', 'row8-store'];
      const told = await stage.seatrial([...report, '--format', 'json']);
      const results = JSON.parse(told.stdout) as ReturnType<typeof readResults>;
      const passed = Object.entries(results).filter(([, each]) => each.state === 'pass');
      const recovered = await stage.seatrial(['recover', '--store', 'row8-store']);
      if (await isKernelLeft(stage)) return 'a kernel is left';
      const names = passed.map(([name]) => name).join();
      if (ended.code !== killed || told.code !== 3 || recovered.code !== 0)
        return `codes ${[ended.code, told.code, recovered.code].join(', ')}`;
      return names === 'launcher_smoke,chat_sse_resume,security_strict' || names;
    },
  );
}

/** Keys of a person whom the gate lists, and of one whose key was revoked. */
async function makeKeys(stage: Stage): Promise<void> {
  for (const name of ['good', 'revoked']) {
    const args = ['keys', 'new', '--owner', 'release-team', '--out', `${name}.pem`];
    const { code, stderr } = await stage.seatrial([...args, '--json']);
    if (code !== 0) throw new Error(stderr);
  }
}

const attest = (stage: Stage, key: string, more: readonly string[] = []) =>
  stage.seatrial([
    ...['gates', 'attest', gate, '--pack', stage.pack, '--key', `${key}.pem`],
    ...['--statement', 'I have seen the audit of the system that ships.'],
    ...(more.length > 0 ? more : ['--evidence', evidence]),
  ]);

async function reasonNow(stage: Stage, file?: string): Promise<string> {
  const which = file === undefined ? ['--pack', stage.pack] : ['--file', file];
  const args = ['gates', 'run', '--quiet', ...which, '--out', 'row3', '--gates', gate];
  const { code, stderr } = await stage.seatrial(args);
  if (code !== 0) throw new Error(stderr);
  const result = readResults(stage, 'row3')[gate];
  return `${result?.state ?? ''}: ${String(result?.details['reason'])}`;
}

async function signatures(stage: Stage, acceptance: Acceptance): Promise<void> {
  const { expectThat } = acceptance;
  await expectThat('row 2: --strict-manual without a signature is no-go, exit 1', async () => {
    const { code } = await gates(stage, ['--strict-manual', '--gates', gate], 'row2');
    return code === 1 && readResults(stage, 'row2')._meta['decision'] === 'no-go';
  });
  await makeKeys(stage);
  writeFileSync(join(stage.work, evidence), '{"event":"HMR_PREPARE"}\n{"event":"HMR_SWAP"}\n');
  writeFileSync(join(stage.work, 'other.txt'), 'something else\n');
  await refusals(stage, acceptance);
  await expectThat('row 2: after gates attest: go, exit 0, SEATRIAL_GO is signed', async () => {
    const signed = await attest(stage, 'good');
    if (signed.code !== 0) return signed.stderr;
    const { code } = await gates(stage, ['--strict-manual', '--sign', 'good.pem'], 'row2');
    const line = readFileSync(join(stage.work, 'row2/gate_sign_off.intoto.jsonl'), 'utf8');
    const { payload } = JSON.parse(line) as { payload: string };
    const hasGo = Buffer.from(payload, 'base64').toString('utf8').includes('"SEATRIAL_GO"');
    return code === 0 && readResults(stage, 'row2')._meta['decision'] === 'go' && hasGo;
  });
  await flippedBytes(stage, acceptance);
}

/** The same gate, whose signatures count for a second only. */
const agedFile = (stage: Stage): string =>
  variant(stage, 'aged', (text) => text.replace('max_age: 72h', 'max_age: 1s'));

async function attestAged(stage: Stage): Promise<void> {
  const args = ['gates', 'attest', gate, '--file', agedFile(stage), '--key', 'good.pem'];
  const statement = 'I have seen the audit of the system that ships.';
  await stage.seatrial([...args, '--statement', statement, '--evidence', evidence]);
  await new Promise((resolve) => setTimeout(resolve, 1500));
}

/** Row 3: four signatures that do not count, each for its own reason. */
async function refusals(stage: Stage, { expectThat }: Acceptance): Promise<void> {
  const reasons: string[] = [];
  const remember = async (): Promise<void> => {
    reasons.push(await reasonNow(stage));
  };
  await attest(stage, 'good');
  await stage.git('commit', '-q', '--allow-empty', '-m', 'another commit');
  await remember();
  await attest(stage, 'good', ['--evidence', 'other.txt']);
  await remember();
  await attest(stage, 'revoked');
  const listed = await stage.seatrial(['keys', 'list', '--json']);
  const [, second] = JSON.parse(listed.stdout) as readonly { keyId: string }[];
  await stage.seatrial(['keys', 'revoke', second?.keyId ?? '', '--reason', 'lost with a laptop']);
  await remember();
  await attestAged(stage);
  reasons.push(await reasonNow(stage, agedFile(stage)));
  const whats = ['other commit', 'evidence missing', 'revoked key', 'too old'];
  for (const [index, what] of whats.entries())
    await expectThat(`row 3: ${what}`, () => {
      const reason = reasons[index] ?? '';
      say(`      ${reason}`);
      return Promise.resolve(
        reason.startsWith('manual-pending') &&
          reasons.filter((each) => each === reason).length === 1,
      );
    });
}

/** Row 9: the page, the results, the journal or an object, each changed by one byte. */
async function flippedBytes(stage: Stage, { expectThat }: Acceptance): Promise<void> {
  const run = String(readResults(stage, 'row2')._meta['run_id']);
  const bundle = join(stage.work, '.seatrial/runs', run);
  const [folder = ''] = readdirSync(join(bundle, 'objects'));
  const [object = ''] = readdirSync(join(bundle, 'objects', folder));
  const files = {
    results: join(stage.work, 'row2/gate_results.json'),
    'sign-off': join(stage.work, 'row2/gate_sign_off.md'),
    journal: join(bundle, 'journal.jsonl'),
    object: join(bundle, 'objects', folder, object),
  };
  const verify = () => stage.seatrial(['gates', 'verify', 'row2', '--require-go', '--strict']);
  await expectThat('row 9: untouched, everything holds', async () => (await verify()).code === 0);
  for (const [what, path] of Object.entries(files))
    await expectThat(`row 9: one byte of the ${what} changed is named`, async () => {
      const kept = join(stage.work, 'kept');
      cpSync(path, kept);
      const bytes = readFileSync(path);
      const at = Math.floor(bytes.length / 2);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      writeFileSync(path, bytes);
      const { code, stdout, stderr } = await verify();
      cpSync(kept, path);
      const said = `${stdout}${stderr}`.split('\n').find((line) => line.trim() !== '') ?? '';
      say(`      ${said.slice(0, 160)}`);
      return code === 1 && said !== '';
    });
}
