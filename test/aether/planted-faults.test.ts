// What users of the tools for workflow files rely on, with faults planted that must break it.

import { spawnSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, hash, sign } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type * as Answering from '../../src/aether/answer.ts';
import type * as Checking from '../../src/aether/check-text.ts';
import type * as Interpreting from '../../src/aether/interpret.ts';
import type * as Migrating from '../../src/aether/migrate.ts';
import type * as Referring from '../../src/aether/reference.ts';
import type * as Signing from '../../src/aether/signature.ts';
import type * as Placing from '../../src/aether/text.ts';
import { makeWorkflowFolder } from '../cli/workflow-folder.ts';
import { describePromises } from '../planted-faults.ts';
import { languageFaults, programFaults } from './faults.ts';
import { failed, makeWorld, ok, type Answer, type World } from './virtual-effects.ts';

type Sources = typeof Answering &
  typeof Checking &
  typeof Interpreting &
  typeof Migrating &
  typeof Referring &
  typeof Signing &
  typeof Placing;

const modules = ['answer', 'check-text', 'interpret', 'migrate', 'reference', 'signature', 'text'];

async function load(root: string): Promise<Sources> {
  const loaded = await Promise.all(
    modules.map((name) => import(join(root, 'aether', `${name}.ts`)) as Promise<Partial<Sources>>),
  );
  return Object.assign({}, ...loaded) as Sources;
}

const goal = 'goal: "x"\n';
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function judged({ answerOf, checkBytes }: Sources, text: string): Answering.Answer {
  const { source, problems, decision } = checkBytes(bytesOf(text), { path: 'a.aether' });
  return answerOf('a.aether', { source, problems, dialect: decision.dialect });
}

/** Code, line and column of the first error. */
function placed(sources: Sources, text: string): readonly unknown[] {
  const { code, main, source } = sources.checkString(text);
  const { line, column } = sources.placeAt(source, main?.span?.start ?? -1);
  return [code, line, column];
}

const run = ({ checkString, interpret }: Sources, text: string, { effects }: World = makeWorld()) =>
  interpret(checkString(goal + text), effects, new AbortController().signal);

/** Answers with its first argument after so many virtual milliseconds. */
const slow =
  (world: () => World, wait: (told: unknown) => number): Answer =>
  async ([told = null]) => {
    await world().effects.sleep(wait(told), new AbortController().signal);
    return ok(told);
  };

const everyone = 'aetherra-dev-signing-secret';
const now = '2026-06-01T00:00:00Z';

const codeOf = (answer: Signing.SignatureAnswer) => (answer.ok ? 'ok' : answer.problem.code);

/** A signed file and the key it is signed with. */
async function signed({ signBytes }: Sources) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const keyId = hash('sha256', spki).slice(0, 16);
  const bytes = await signBytes(bytesOf(goal), {
    keyId,
    sign: async (content) => Promise.resolve(new Uint8Array(sign(null, content, privateKey))),
  });
  const valid = { notBefore: '2026-01-01T00:00:00Z', notAfter: '2027-01-01T00:00:00Z' };
  return { bytes: bytes ?? bytesOf(''), key: { keyId, publicKey: spki, owner: 'ann', ...valid } };
}

const language: Readonly<Record<string, (sources: Sources) => void | Promise<void>>> = {
  'a file with an error has its code': (sources) => {
    expect(judged(sources, `${goal}foo(1)\n`)).toMatchObject({ code: 25, line: 2 });
    expect(judged(sources, `${goal}x: [1\n`)).toMatchObject({ code: 20, line: 2 });
    expect(judged(sources, goal).code).toBe(0);
  },
  'a warning changes no code': (sources) => {
    const answer = judged(sources, `${goal}stop_execution()\nreflect()\n`);
    expect([answer.code, answer.problems.map(({ code }) => code)]).toEqual([0, ['W_UNREACHABLE']]);
  },
  'a place is one in the file': (sources) => {
    expect(placed(sources, '\n\n\nfoo(1)\n')).toEqual([25, 4, 1]);
    expect(placed(sources, `\ufeff${goal}foo(1)\n`)).toEqual([25, 2, 1]);
  },
  'calls inside calls are looked up': (sources) => {
    expect(placed(sources, `${goal}x: summarize(foo(1))\n`)).toEqual([25, 2, 14]);
    expect(placed(sources, `${goal}x: {"k": [foo(1)]}\n`)).toEqual([25, 2, 11]);
  },
  'text in quotes says nothing about the dialect': (sources) => {
    const answer = judged(sources, `${goal}narrate("go → $x -> $y")\n`);
    expect([answer.code, answer.dialect]).toEqual([0, 'aether-1.1']);
  },
  'exactly one branch runs': async (sources) => {
    for (const [condition, taken] of [
      ['true', 'then'],
      ['false', 'else'],
    ]) {
      const world = makeWorld();
      const text = `if ${String(condition)}:\n  store("then")\nelse:\n  store("else")\n`;
      expect((await run(sources, text, world)).code).toBe(0);
      expect(world.log).toEqual([`store("${String(taken)}")`]);
    }
  },
  'a call that fails is an error, never a value': async (sources) => {
    const world = makeWorld({ reflect: () => failed('CallError', 'no answer') });
    const outcome = await run(sources, 'x: reflect()\nlog("x", x)\n', world);
    expect([outcome.code, outcome.problem?.code]).toEqual([21, 'E_RUN_CALL_FAILED']);
    expect(world.log).toEqual(['reflect()']);
  },
  'what comes after the timeout is discarded': async (sources) => {
    const world: World = makeWorld({
      reflect: slow(
        () => world,
        () => 1500,
      ),
    });
    const outcome = await run(sources, 'workflow:\n  - reflect() as r timeout=1s\n', world);
    expect([outcome.code, outcome.problem?.code]).toEqual([23, 'E_TIMEOUT_STEP']);
    expect(outcome.record.calls).toMatchObject([{ success: false }]);
  },
  'a transaction that fails leaves nothing behind': async (sources) => {
    const world = makeWorld({ run_plugin: () => failed() });
    const text = `policy:\n  on_error: "continue"\na: 1\ntransaction:\n  a: store(2)\n  escalate_to("Ops")\n  run_plugin("p")\nlog("a", a)\n`;
    const outcome = await run(sources, text, world);
    expect(outcome.code).toBe(21);
    expect(world.log).toEqual([...['store(2)', 'run_plugin("p")', 'undo store#1'], 'log("a", 1)']);
  },
  'writes are undone last first': async (sources) => {
    const world = makeWorld({ run_plugin: () => failed() });
    await run(sources, 'transaction:\n  store(1)\n  store(2)\n  run_plugin("p")\n', world);
    expect(world.log.slice(-2)).toEqual(['undo store#2', 'undo store#1']);
  },
  'records come in the order of the source': async (sources) => {
    const text = 'parallel:\n  a: summarize("a")\n  b: summarize("b")\nawait b, a\n';
    const world: World = makeWorld({
      summarize: slow(
        () => world,
        (told) => (told === 'a' ? 500 : 100),
      ),
    });
    const { record } = await run(sources, text, world);
    expect(record.calls.map(({ args }) => args[0])).toEqual(['a', 'b']);
    const failing = makeWorld({ summarize: ([told]) => failed('CallError', JSON.stringify(told)) });
    expect((await run(sources, text, failing)).message).toBe(`'summarize' failed: "a"`);
  },
  'what is migrated keeps its end': ({ migrate }) => {
    for (const end of ['\n', '\r\n', ''])
      expect(textOf(migrate(bytesOf(`goal: x${end}`)).bytes)).toBe(`goal: "x"${end}`);
  },
  'compat keeps U+FEFF': ({ referenceVerdict }) => {
    const message = "unknown function '\ufeffreflect'";
    expect(referenceVerdict(bytesOf('\ufeffreflect()\n'))).toMatchObject({ code: 25, message });
    expect(referenceVerdict(bytesOf('x: 1\n\ufeffreflect()\n'))).toMatchObject({
      code: 25,
      message,
    });
  },
  'the secret that everybody knows signs nothing': ({ verifyBytes }) => {
    const digest = createHmac('sha256', everyone).update(goal).digest('hex');
    const bytes = bytesOf(`# @signature: ${digest}\n${goal}`);
    const codes = [{}, { legacySecret: 'mine' }, { legacySecret: everyone }].map((options) =>
      codeOf(verifyBytes(bytes, { keys: [], now, ...options })),
    );
    expect(codes).toEqual(Array(3).fill('E_SIG_FALLBACK_SECRET'));
  },
  'a revoked key signs nothing': async (sources) => {
    const { bytes, key } = await signed(sources);
    expect(codeOf(sources.verifyBytes(bytes, { keys: [key], now }))).toBe('ok');
    for (const at of ['2026-05-01T00:00:00Z', '2026-07-01T00:00:00Z']) {
      const revoked = { ...key, revoked: { at, reason: 'lost' } };
      const answer = sources.verifyBytes(bytes, { keys: [revoked], now });
      expect(codeOf(answer)).toBe('E_SIG_KEY_REVOKED');
    }
  },
};

/** The program `aether` of the sources below `root`, on these files. */
function program(root: string, argv: readonly string[], files: Readonly<Record<string, string>>) {
  const { cwd, write, remove } = makeWorkflowFolder();
  try {
    write(files);
    const all = ['--import', import.meta.resolve('tsx'), join(root, 'cli/aether.ts'), ...argv];
    const { status, stdout } = spawnSync(process.execPath, all, { cwd, encoding: 'utf8' });
    const rows = stdout.trimEnd().split('\n');
    return { status, files: rows.map((row) => (JSON.parse(row) as { file: string }).file) };
  } finally {
    remove();
  }
}

// So many that workers are asked, and several batches of them wait at a time.
const enough = 600;

const programs: Readonly<Record<string, (root: string) => void>> = {
  'the program ends with the code of its files': (root) => {
    const ended = program(root, ['check', '.', '--json'], { 'a.aether': `${goal}x: [1\n` });
    expect(ended.status).toBe(20);
  },
  'answers come in the order of the files, whoever finished first': (root) => {
    const names = Array.from({ length: enough }, (_, at) => `${String(1000 + at)}.aether`);
    const files = Object.fromEntries(names.map((name) => [name, goal]));
    const ended = program(root, ['check', '.', '--json', '--jobs', '2'], files);
    expect(ended.files).toEqual(names);
  },
};

describe('the language', () => {
  describePromises({
    folders: ['aether', 'diagnostics'],
    load,
    promises: language,
    faults: languageFaults,
  });
});

const folders =
  'aether checks cli diagnostics drivers evidence findings gates lifecycle ports recipe reporters scenario trust';

describe('the program', () => {
  describePromises({
    folders: folders.split(' '),
    load: (root) => root,
    promises: programs,
    faults: programFaults,
  });
});
