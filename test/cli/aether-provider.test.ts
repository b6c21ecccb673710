import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aetherRun } from '../../src/cli/commands/aether-run.ts';
import { runCommand, type Around } from './run-command.ts';
import { makeWorkflowFolder, type WorkflowFolder } from './workflow-folder.ts';

let folder: WorkflowFolder;

beforeEach(() => {
  folder = makeWorkflowFolder();
});

afterEach(() => {
  folder.remove();
});

type Row = Readonly<Record<string, unknown>>;
type Told = {
  readonly code: number;
  readonly err: string;
  readonly message: unknown;
  readonly rules: readonly unknown[];
  readonly record: { readonly calls: readonly Row[]; readonly failures: readonly Row[] };
};

const lineFor = (name: string, source: string, authority = 'approved'): string =>
  `provider-${name} ${authority} sha256:${createHash('sha256').update(source).digest('hex')} me 2026-11-02 read it\n`;

const run = (argv: readonly string[], around: Partial<Around> = {}) =>
  runCommand(aetherRun, argv, { cwd: folder.cwd, ...around });

/** Runs `script` with `source`, a provider that the allowlist names. */
async function runWith(
  source: string,
  script: string,
  { file = 'p.mjs', ...around }: Partial<Around> & { readonly file?: string } = {},
): Promise<Told> {
  folder.write({
    [file]: source,
    'trust.allow': lineFor('p', source),
    'a.aether': `goal: "x"\n${script}`,
  });
  const { code, out, err } = await run(['a.aether', '--provider', file, '--json'], around);
  const row = JSON.parse(out) as Row;
  const record = row['record'] as Told['record'];
  return { code, err, message: row['message'], rules: rulesOf(record), record };
}

const rulesOf = ({ failures }: Told['record']): readonly unknown[] =>
  failures.map(({ rule }) => rule);

const answering = (body: string): string => `export async function call(fn, args, kwargs, context) {
  ${body}
}\n`;

describe('what may run', () => {
  const source = `import { writeFileSync } from 'node:fs';
writeFileSync('ran', '');
${answering('return { ok: true, value: 1 };')}`;
  const script = 'goal: "x"\nreflect()\n';

  test('a provider that no line names is not started, and the line to add is shown', async () => {
    folder.write({ 'p.mjs': source, 'a.aether': script });
    const { code, err } = await run(['a.aether', '--provider', 'p.mjs']);
    expect(code).toBe(2);
    expect(err).toContain('no line names provider-p');
    expect(() => folder.read('ran')).toThrow('ENOENT');
    const line = /^ +(provider-p {2}approved {2}sha256:\S+) {2}<your-name>/m.exec(err)?.[1] ?? '';
    folder.write({ list: `${line} me 2026-11-02 read it\n` });
    expect((await run(['a.aether', '--provider', 'p.mjs', '--trust', 'list'])).code).toBe(0);
    expect(folder.read('ran')).toBe('');
  });

  test('one that was changed after its approval is not started', async () => {
    folder.write({ 'p.mjs': source, 'a.aether': script, 'trust.allow': lineFor('p', source) });
    appendFileSync(join(folder.cwd, 'p.mjs'), '//\n');
    const { code, err } = await run(['a.aether', '--provider', 'p.mjs']);
    expect([code, err]).toEqual([2, expect.stringContaining('for another content')]);
    expect(() => folder.read('ran')).toThrow('ENOENT');
  });

  test.each([
    ['a line that wants a sandbox', 'p.mjs', lineFor('p', source, 'sandboxed'), 'sandbox'],
    ['a line for an app of that name', 'p.mjs', lineFor('p', source).slice(9), 'no line names'],
    ['a name that no list can hold', 'P_1.mjs', '', 'cannot be named'],
    ['a file that is no module', 'p.txt', '', 'takes fake or a module'],
    ['a file that is absent', 'gone.mjs', '', 'gone.mjs'],
  ])('%s: 2', async (_, file, list, told) => {
    folder.write({ 'p.mjs': source, 'P_1.mjs': source, 'a.aether': script, 'trust.allow': list });
    const { code, err } = await run(['a.aether', '--provider', file]);
    expect([code, err]).toEqual([2, expect.stringContaining(told)]);
    expect(() => folder.read('ran')).toThrow('ENOENT');
  });

  test('options of the fake provider are refused', async () => {
    folder.write({ 'p.mjs': source, 'a.aether': script, 'trust.allow': lineFor('p', source) });
    expect((await run(['a.aether', '--provider', 'p.mjs', '--capability', 'x'])).code).toBe(2);
  });

  test('a module beside it was not approved with it', async () => {
    folder.write({ 'more.mjs': 'export const value = 1;\n' });
    for (const beside of [
      `import './more.mjs';\n${answering('return { ok: true, value: 1 };')}`,
      answering(`return { ok: true, value: (await import('./mo' + 're.mjs')).value };`),
    ]) {
      const { code, message } = await runWith(beside, 'reflect()\n');
      expect([code, message]).toEqual([21, expect.stringContaining('a provider is one file')]);
    }
  });
});

describe('what answers', () => {
  test('arguments arrive and values come back, from TypeScript too', async () => {
    const source = `export const functions: string[] = ['summarize'];
export const plugins = { merger: '1.2.0' };
export const capabilities = ['memory.read'];
${answering('const { deadline, signal } = context as { deadline: number; signal: AbortSignal };').slice(0, -2)}
  return { ok: true, value: [fn, args, kwargs, deadline > Date.now(), signal.aborted], tokens: 3 };
}\n`;
    const script = `require:
  plugins: ["merger>=1.2"]
  capabilities: ["memory.read"]
summarize("ä", 2)\n`;
    const { code, record } = await runWith(source, script, { file: 'p.ts' });
    expect(code).toBe(0);
    expect(record).toMatchObject({
      tokens: 3,
      calls: [{ result: ['summarize', ['ä', 2], {}, true, false] }],
    });
    const other = await runWith(source, 'reflect()\n', { file: 'p.ts' });
    expect([other.code, other.rules]).toEqual([21, ['E_RUNTIME_SERVICE_MISSING']]);
  });

  test('nothing of the environment is visible', async () => {
    const source = answering('return { ok: true, value: { ...process.env } };');
    process.env['SEATRIAL_TEST_SECRET'] = 'hunter2';
    try {
      const env = { ...process.env, OTHER: 'hunter2' } as Record<string, string>;
      const { record } = await runWith(source, 'reflect()\n', { env });
      const seen = record.calls[0]?.['result'] as object;
      expect(Object.keys(seen).sort()).toEqual(['HOME', 'LANG', 'PATH', 'TMPDIR']);
      expect(JSON.stringify(record)).not.toContain('hunter2');
    } finally {
      delete process.env['SEATRIAL_TEST_SECRET'];
    }
  });
});

describe('real effects', () => {
  const effects = `import { appendFileSync } from 'node:fs';
const tell = (text) => appendFileSync('effects', text + ' ');
${answering(`if (fn === 'run_plugin') return { ok: false, kind: 'CallError', message: 'no' };
  tell(fn + args.join());
  return { ok: true, value: null, undo: () => { tell('undo' + args.join()); return UNDONE; } };`)}`;
  const script = 'transaction:\n  store(1)\n  store(2)\n  run_plugin("p")\n  log("sent")\n';

  test('a transaction that fails is undone, last first, and sends nothing', async () => {
    const { code, record } = await runWith(effects.replace('UNDONE', 'true'), script);
    expect(code).toBe(21);
    expect(folder.read('effects')).toBe('store1 store2 undo2 undo1 ');
    expect(record.failures).toMatchObject([{ rolled_back: true }]);
  });

  test('one that succeeds stays', async () => {
    const source = effects.replace('UNDONE', 'true');
    const { code } = await runWith(source, script.replace('  run_plugin("p")\n', ''));
    expect([code, folder.read('effects')]).toEqual([0, 'store1 store2 logsent ']);
  });

  test.each(['false', '1', 'undefined', `(() => { throw new Error('x'); })()`])(
    'an undo that answers %s has undone nothing',
    async (undone) => {
      const { rules } = await runWith(effects.replace('UNDONE', undone), script);
      expect(rules).toContain('E_RUN_ROLLBACK_FAILED');
    },
  );

  test('a write without undo fails its transaction', async () => {
    const source = answering('return { ok: true, value: 1 };');
    expect((await runWith(source, 'transaction:\n  store(1)\n')).rules).toContain(
      'E_RUN_ROLLBACK_FAILED',
    );
  });
});

describe('an answer that is none', () => {
  const table: readonly [name: string, body: string, told: string][] = [
    ['nothing', '', 'its answer is not'],
    ['a bare value', 'return "fine";', 'its answer is not'],
    ['ok as text', 'return { ok: "true", value: 1 };', 'its answer is not'],
    ['no value', 'return { ok: true };', 'no JSON value'],
    ['not a number', 'return { ok: true, value: [NaN] };', 'no JSON value'],
    ['a date', 'return { ok: true, value: new Date() };', 'no JSON value'],
    ['a map', 'return { ok: true, value: new Map() };', 'no JSON value'],
    ['a prototype', `return { ok: true, value: JSON.parse('{"__proto__":1}') };`, 'no JSON value'],
    ['a cycle', 'const a = []; a.push(a); return { ok: true, value: a };', 'no JSON value'],
    ['other keys', 'return { ok: true, value: 1, result: 2 };', 'nothing else'],
    ['tokens below nothing', 'return { ok: true, value: 1, tokens: -1 };', 'tokens'],
    ['an undo that is no function', 'return { ok: true, value: 1, undo: true };', 'undo'],
    ['a failure without kind', 'return { ok: false, message: "x" };', 'a failure is'],
    ['too much', 'return { ok: true, value: "x".repeat(2 << 20) };', 'larger than 1 MiB'],
    ['an exception', 'throw new Error("broke");', 'Error: broke'],
    ['a crash', 'process.exit(3);', 'exit code 3'],
    ['a signal', 'process.kill(process.pid, "SIGKILL"); await new Promise(() => {});', 'SIGKILL'],
    [
      'an exception elsewhere',
      'setTimeout(() => { throw new Error("late"); }); await new Promise(() => {});',
      'late',
    ],
    ['an end', 'process.stdin.destroy(); await new Promise(() => {});', 'its process ended'],
    [
      'a flood of answers',
      `const { writeSync } = await import('node:fs');
      for (;;) { try { writeSync(3, "x".repeat(65536)); } catch {} }`,
      'more than 4 MiB',
    ],
    [
      'a flood of text',
      `const { writeSync } = await import('node:fs');
      for (;;) { try { writeSync(1, "x".repeat(65536)); } catch {} }`,
      'more than 16 MiB',
    ],
    [
      'a line of another shape',
      `(await import('node:fs')).writeSync(3, '{"type":"done"}\\n'); await new Promise(() => {});`,
      'no answer',
    ],
    [
      'an answer nobody asked for',
      `(await import('node:fs')).writeSync(3, '{"type":"cancelled","id":99}\\n'); await new Promise(() => {});`,
      'nobody had asked',
    ],
  ];
  test.each(table)('%s', async (_, body, told) => {
    const { code, message, rules, record } = await runWith(answering(body), 'x: reflect()\n');
    expect([code, rules]).toEqual([21, ['E_RUN_CALL_FAILED']]);
    expect(message).toContain(told);
    expect(record.calls[0]).not.toHaveProperty('result');
  });

  test('after a crash nobody answers, and what it wrote cannot be undone', async () => {
    const source = answering(`if (fn === 'run_plugin') process.exit(0);
  return { ok: true, value: 1, undo: () => true };`);
    const { rules } = await runWith(source, 'transaction:\n  store(1)\n  run_plugin("p")\n');
    expect(rules).toContain('E_RUN_ROLLBACK_FAILED');
    const later = 'policy:\n  on_error: "continue"\nrun_plugin("p")\nreflect()\n';
    expect((await runWith(source, later)).rules).toEqual([
      'E_RUN_CALL_FAILED',
      'E_RUNTIME_SERVICE_MISSING',
    ]);
  });
});

describe('a provider that cannot be asked', () => {
  test.each([
    ['no call', 'export const x = 1;\n', 'exports no function'],
    ['a fault while it loads', 'throw new Error("broke");\n', 'broke'],
    ['an end while it loads', 'process.exit(0);\n', 'exit code 0'],
    ['no module', 'this is no module\n', 'SyntaxError'],
    ['plugins of another shape', `export const plugins = { a: 1 };\n${answering('')}`, 'no answer'],
  ])('%s ends the run before its first statement', async (_, source, told) => {
    const { code, message, record } = await runWith(source, 'reflect()\n');
    expect([code, rulesOf(record)]).toEqual([21, ['E_RUNTIME_SERVICE_MISSING']]);
    expect(message).toContain(told);
    expect(record.calls).toEqual([]);
  });
});

describe('a call that hangs', () => {
  const step = 'workflow:\n  - reflect() timeout=300ms';

  test('is told to stop, and the next attempt is answered', async () => {
    const source = `import { appendFileSync } from 'node:fs';
let calls = 0;
${answering(`calls += 1;
  if (calls > 1) return { ok: true, value: calls };
  context.signal.addEventListener('abort', () => appendFileSync('aborted', 'x'));
  await new Promise(() => {});`)}`;
    const { code, record } = await runWith(source, `${step} retry=1\n`);
    expect([code, record.calls[0]?.['attempts']]).toEqual([0, 2]);
    expect(folder.read('aborted')).toBe('x');
  });

  test('in a loop that takes no notice is ended', async () => {
    const source = `import { writeFileSync } from 'node:fs';
writeFileSync('pid', String(process.pid));
${answering('for (;;);')}`;
    const script = `policy:\n  on_error: "continue"\n${step}\n  - reflect() timeout=10s\n`;
    const { code, rules, record } = await runWith(source, script);
    expect([code, rules]).toEqual([23, ['E_TIMEOUT_STEP', 'E_RUN_CALL_FAILED']]);
    expect(JSON.stringify(record.failures[1])).toContain('took no notice');
    expect(() => process.kill(Number(folder.read('pid')), 0)).toThrow('ESRCH');
  });

  test('is undone and ended when the run is interrupted', async () => {
    const stop = new AbortController();
    const source = `import { appendFileSync, writeFileSync } from 'node:fs';
process.on('SIGTERM', () => {});
${answering(`if (fn === 'store') return { ok: true, value: 1, undo: () => { appendFileSync('undone', 'x'); return true; } };
  writeFileSync('hangs', String(process.pid));
  await new Promise(() => {});`)}`;
    folder.write({
      'p.mjs': source,
      'trust.allow': lineFor('p', source),
      'a.aether': 'goal: "x"\ntransaction:\n  store(1)\n  run_plugin("p")\n',
    });
    const running = run(['a.aether', '--provider', 'p.mjs'], { signal: stop.signal });
    await expect.poll(() => folder.read('hangs'), { timeout: 20_000 }).not.toBe('');
    stop.abort({ cause: 'SIGTERM', message: 'told to end' });
    expect((await running).code).toBe(143);
    expect(folder.read('undone')).toBe('x');
    expect(() => process.kill(Number(folder.read('hangs')), 0)).toThrow('ESRCH');
  });
});
