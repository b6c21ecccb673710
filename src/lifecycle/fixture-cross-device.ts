// Kind `cross-device`: a pair of paths between which a bare rename fails, each cause made for real, and a control
// between which it does not. On the host below the run's own folder, or inside a sandbox that runs.

import { sha256Hex } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import type { FixtureReader } from '../ports/fixtures.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import { enterScope, scopeIn, scopeOf, type Scope } from './cross-device-scope.ts';
import type { FixturePlace, Kind } from './fixture-kind.ts';
import { landlockLauncher } from './landlock-launcher.ts';
import { absentDigest } from './path-digest.ts';
import { renamesTold, type RenamePair } from './rename-probe.ts';

type CrossDevice = FixtureInputs['cross-device'];
type Cause = CrossDevice['cause'];

/** Each makes its places in the folder that it starts in, and leaves `moved` to be renamed. */
const makers: Readonly<Record<Cause, string>> = {
  mount: 'mkdir -p source/moved target; mount -t tmpfs -o mode=1777 seatrial target',
  bind: `mkdir -p one/moved two source target
mount -o bind one source; mount -o bind two target`,
  // An upper layer may not lie on an overlay, which is what containers have.
  'lower-layer': `mount -t tmpfs -o mode=1777 seatrial "$1"; cd "$1"
mkdir lower lower/moved upper work merged
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work,redirect_dir=off seatrial merged
mkdir merged/beside`,
  landlock: 'mkdir -p source/moved target',
  control: 'mkdir -p source/moved',
};

type Pairs = { readonly pair: RenamePair; readonly near?: RenamePair };

/** What is renamed from where to where, and beside it what nothing stands in the way of. */
function pairsOf({ cause, source, target }: CrossDevice, base: string): Pairs {
  const isLower = cause === 'lower-layer';
  const from = source ?? `${base}/${isLower ? 'merged' : 'source'}/moved`;
  const beside = isLower || cause === 'control' ? `${from}-too` : `${base}/target/moved`;
  const pair = { from, to: target ?? beside };
  // A directory of a lower layer cannot be renamed at all; one that was made since can.
  if (isLower && source !== undefined) return { pair };
  const near = isLower ? `${base}/merged/beside` : from;
  return { pair, near: { from: near, to: `${near}-near` } };
}

export const crossDeviceKind: Kind<CrossDevice> = {
  locks: (_reader, _inputs, { work, id }) =>
    Promise.resolve([`fixture-${sha256Hex(`${work}/fixture-${id}`).slice(0, 32)}`]),
  observe: async (reader, inputs, place) => {
    const scope = await scopeOf(reader, inputs.sandbox, place);
    assertOfTheRun(inputs, scope, place);
    const seen = await lookAt(reader, scope);
    if (seen !== absentDigest) throw new WorldError('refused', `${scope.base} is there already`);
    const target = scope.container === undefined ? scope.base : `${scope.container}:${scope.base}`;
    return { target, pre: { scope } };
  },
  apply: async (writer, inputs, _place, { pre }) => {
    const scope = scopeIn(pre);
    const { run } = await enterScope(writer, scope);
    const script = inputs.source === undefined ? makers[inputs.cause] : '';
    const { base } = scope;
    await run(`umask 022; mkdir -p "$1"; cd "$1"; ${script}`, base);
    const { from, to } = pairsOf(inputs, base).pair;
    const outputs = { from, to, source: above(from), target: above(to) };
    return { outputs, wrote: [], details: { cause: inputs.cause } };
  },
  probe: async (reader, inputs, place, { pre, outputs }) => {
    if (outputs['from'] === undefined)
      throw new WorldError('not-found', 'no pair of paths was made');
    const scope = scopeIn(pre);
    const { prefix } = await enterScope(reader, scope);
    const restricted = inputs.cause === 'landlock' ? launcherFor(scope.base) : [];
    const pairs = pairsOf(inputs, scope.base);
    const before = [...prefix, ...restricted];
    const observed = await renamesTold(reader, place, { before, pairs });
    return { observed, expect: expectationsFor(inputs.cause, pairs) };
  },
  digests: async (reader, { pre }) => ({
    target: await lookAt(reader, scopeIn(pre)),
    neighbours: null,
  }),
  undo: async (writer, { pre }) => {
    const scope = scopeIn(pre);
    const { isThere, run } = await enterScope(writer, scope);
    if (isThere) await run(unmountAndRemove, scope.base);
    return {};
  },
};

const above = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** As a word of a command line: the interpreter is there wherever the probe runs, a file of the host is not. */
function launcherFor(base: string): readonly string[] {
  const script = landlockLauncher({ abi: 1, read: ['/'], write: [base] });
  return ['perl', '-e', script];
}

function expectationsFor(cause: Cause, { near }: Pairs): readonly Expectation[] {
  const ends = cause === 'control' ? 'done' : 'EXDEV';
  return [
    { at: '/pair/errno', op: 'equals', value: ends },
    // Only two file systems have two devices: whoever compares those alone misses the other causes.
    { at: '/pair/device', op: 'equals', value: cause === 'mount' ? 'other' : 'same' },
    ...(near === undefined ? [] : [{ at: '/near/errno', op: 'equals', value: 'done' } as const]),
  ];
}

/** On the host only the run's own folder may be used; a sandbox is the run's own whole. */
function assertOfTheRun({ source, target }: CrossDevice, scope: Scope, place: FixturePlace): void {
  if (scope.container !== undefined) return;
  for (const path of [source, target])
    if (path !== undefined && (!path.startsWith(`${place.work}/`) || path.includes('/../')))
      throw new WorldError('refused', `FX002: ${path} is not of the run`);
}

/** Mounts and names below the folder; `absent` where there is neither, and in a sandbox that runs no more. */
async function lookAt(reader: FixtureReader, scope: Scope): Promise<string> {
  const { isThere, run } = await enterScope(reader, scope);
  if (!isThere) return absentDigest;
  const text = await run(look, scope.base);
  return text === '' ? absentDigest : sha256Hex(text);
}

/** The kernel's own table, since a mount may hide what is below it; it writes a space as octal. */
const mountsBelow = `mounts() {
  while read -r _ _ _ _ at _; do
    at=$(printf '%b' "$at")
    case "$at/" in "$1"/*) echo "$at";; esac
  done < /proc/self/mountinfo
}`;

const look = `${mountsBelow}
mounts "$1"; if [ -e "$1" ]; then find "$1" | sort; fi`;

/** Last mounted first. What is not mounted, or not there, needs nothing. */
const unmountAndRemove = `${mountsBelow}
mounts "$1" | sort -r | while read -r each; do umount "$each"; done
rm -rf "$1"`;
