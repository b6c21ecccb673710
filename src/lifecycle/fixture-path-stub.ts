// Kind `path-stub`: executables made from data, in a folder of the run that an action puts before its own PATH. The
// host's PATH is not changed. Every call is logged.

import { sha256Hex } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { pointerStep } from '../evidence/pointer.ts';
import type { Json } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import type { FixturePlace, Kind } from './fixture-kind.ts';
import { absentDigest, digestPath } from './path-digest.ts';

type Stubs = FixtureInputs['path-stub'];
type Reply = Stubs['commands'][string][number];

const folderOf = ({ work, id }: FixturePlace): string => `${work}/fixture-${id}`;

export const pathStubKind: Kind<Stubs> = {
  locks: (_reader, _inputs, place) =>
    Promise.resolve([`fixture-${sha256Hex(folderOf(place)).slice(0, 32)}`]),
  observe: async (reader, _inputs, place) => {
    const target = folderOf(place);
    const { digest } = await digestPath(reader, target);
    if (digest !== absentDigest) throw new WorldError('refused', `${target} is there already`);
    return { target, pre: { digest } };
  },
  apply: async (writer, { commands }, _place, { target }) => {
    const bin = `${target}/bin`;
    const log = `${target}/calls.log`;
    await writer.files.makeDirectory(bin, 0o755);
    await writer.files.replace(log, '');
    const wrote: string[] = [];
    for (const [name, replies] of Object.entries(commands)) {
      const script = scriptOf(name, replies, log);
      await writer.files.replace(`${bin}/${name}`, script, 0o755);
      wrote.push(sha256Hex(script));
    }
    return { outputs: { path: bin, log }, wrote, details: { commands: Object.keys(commands) } };
  },
  probe: async ({ commands: probe }, { commands }, place, { target }) => {
    const observed: Record<string, Json> = {};
    const expect: Expectation[] = [];
    for (const name of Object.keys(commands)) {
      const { stdout } = await probe.run({
        argv: ['/bin/sh', '-c', 'command -v "$1" || echo nothing', 'sh', name],
        ...{ cwd: place.work, env: { PATH: `${target}/bin` } },
        timeoutMs: lookTimeoutMs,
        outputLimitBytes: lookMaxBytes,
      });
      observed[name] = new TextDecoder().decode(stdout).trim();
      expect.push({ at: pointerStep(name), op: 'equals', value: `${target}/bin/${name}` });
    }
    return { observed, expect };
  },
  digests: async (reader, { target }) => ({
    target: (await digestPath(reader, target)).digest,
    neighbours: null,
  }),
  undo: async ({ files }, { target }) => {
    await files.remove(target);
    return {};
  },
};

const lookTimeoutMs = 10_000;
const lookMaxBytes = 65_536;

/** A word of the shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Arguments are told apart by a character that none of them holds. */
const separator = '\u001f';

function scriptOf(name: string, replies: readonly Reply[], log: string): string {
  return [
    '#!/bin/sh',
    `called=$(printf '%s${separator}' "$@")`,
    `printf '%s\\t%s\\n' ${quoted(name)} "$*" >> ${quoted(log)}`,
    ...replies.map(branchOf),
    `echo ${quoted(`${name}: no reply is planned for these arguments`)} >&2`,
    'exit 127',
    '',
  ].join('\n');
}

function branchOf({ args, stdout, stderr, exit, delayMs, through }: Reply): string {
  const wanted = (args ?? []).map((each) => `${each}${separator}`).join('');
  const fits = args === undefined ? 'true' : `[ "$called" = ${quoted(wanted)} ]`;
  const lines = [
    ...(delayMs === 0 ? [] : [`sleep ${String(delayMs / 1000)}`]),
    ...(through === undefined ? [] : [`exec ${quoted(through)} "$@"`]),
    ...(stdout === '' ? [] : [`printf '%s' ${quoted(stdout)}`]),
    ...(stderr === '' ? [] : [`printf '%s' ${quoted(stderr)} >&2`]),
    `exit ${String(exit)}`,
  ];
  return `if ${fits}; then\n${lines.map((line) => `  ${line}`).join('\n')}\nfi`;
}
