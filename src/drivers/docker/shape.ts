// The shape in which a service is compared: what a stack says about it, and, in swarm/ and compose/,
// the same read back from the engine. Both go through the small functions here, so that a default
// that the engine fills in and one left out in the file are one value.

import { hash } from 'node:crypto';

import type { Json, JsonObject } from '../../ports/json.ts';
import type { Stack, StackHealthcheck, StackMount, StackService } from '../../ports/stack.ts';
import type { HealthcheckConfig } from './facts.ts';
import { durationMs, nanosMs } from './duration.ts';
import type { Instance } from './instance.ts';
import { defaultNetwork, nameIn } from './names.ts';

export const sha256 = (content: string | Uint8Array): string => hash('sha256', content);

/** By content, keys sorted: equal values give equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** Without undefined, as JSON has none. */
export const compact = (value: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );

/** What shapes need of one: who it belongs to. */
export type Owned = Pick<Instance, 'context'>;

const isSecret = ({ context }: Owned, name: string): boolean =>
  context.secretNames?.includes(name) ?? true;

/** Name → digest of the value, or `secret:<name>`: values may hold passwords that nobody declared. */
export function envShape(
  instance: Owned,
  env: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const declared = { ...instance.context.env, ...instance.context.upgradeEnv };
  return Object.fromEntries(
    Object.entries(env)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [
        name,
        value === null
          ? 'taken away'
          : declared[name] !== undefined && isSecret(instance, name)
            ? `secret:${name}`
            : sha256(value).slice(0, 16),
      ]),
  );
}

/**
 * Variables that Docker's programs have themselves: for a name without a value they would pass on their own. Such a
 * name is left out, and the image's value stays.
 */
const ofPrograms = new Set(['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG']);

export const passedOn = ({
  environment = {},
}: Pick<StackService, 'environment'>): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => value !== null || !ofPrograms.has(name)),
  );

/** A name alone takes away what the image says. */
export const envOfList = (
  list: readonly string[] | null | undefined,
): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    (list ?? []).map((line): [string, string | null] => {
      const at = line.indexOf('=');
      return at < 0 ? [line, null] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );

export function healthShape(check: StackHealthcheck | undefined): Json {
  if (check === undefined) return null;
  const { disable, test = [], interval, timeout, start_period: start, retries } = check;
  if (disable === true || test[0] === 'NONE') return { test: ['NONE'] };
  return compact({
    test: test.length === 0 ? undefined : test,
    intervalMs: given(durationMs(interval)),
    timeoutMs: given(durationMs(timeout)),
    startMs: given(durationMs(start)),
    retries: given(retries),
  });
}

/** 0 is the engine's word for "not given". */
const given = (value: number | undefined): number | undefined => (value === 0 ? undefined : value);

export function engineHealthShape(check: HealthcheckConfig | null | undefined): Json {
  const { Test: test = [] } = check ?? {};
  if (check === undefined || check === null) return null;
  if (test?.[0] === 'NONE') return { test: ['NONE'] };
  return compact({
    test: test === null || test.length === 0 ? undefined : test,
    intervalMs: nanosMs(check.Interval),
    timeoutMs: nanosMs(check.Timeout),
    startMs: nanosMs(check.StartPeriod),
    retries: check.Retries === 0 ? undefined : check.Retries,
  });
}

export const mountShape = (mount: {
  readonly type: string;
  readonly source?: string | undefined;
  readonly target: string;
  readonly readOnly: boolean;
}): JsonObject => compact({ ...mount, source: mount.source });

export const byTarget = (a: JsonObject, b: JsonObject): number =>
  textOf(a['target']) < textOf(b['target']) ? -1 : 1;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function mountsShape(stack: Stack, mounts: readonly StackMount[]): readonly JsonObject[] {
  return mounts
    .map(({ type, source, target, read_only: readOnly = false }) =>
      mountShape({
        type,
        source:
          source !== undefined && type === 'volume' ? nameIn(stack, 'volume', source) : source,
        target,
        readOnly,
      }),
    )
    .sort(byTarget);
}

const engineNetworks = new Set(['host', 'bridge', 'none']);

/** Networks by the engine's name, with the aliases beside the service's own name. */
export function networksShape(stack: Stack, name: string, service: StackService): JsonObject {
  const used = service.networks ?? { [defaultNetwork]: {} };
  return Object.fromEntries(
    Object.entries(used)
      .map(([key, { aliases = [] }]): [string, readonly string[]] => [
        nameIn(stack, 'network', key),
        // A network of the engine's own knows no names.
        engineNetworks.has(nameIn(stack, 'network', key))
          ? []
          : [...new Set([name, ...aliases])].sort(),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export const portsShape = (
  ports: readonly {
    readonly target: number;
    readonly published: number;
    readonly protocol: string;
    readonly mode: string;
  }[],
): readonly JsonObject[] =>
  ports
    .map((port) => ({ ...port }))
    .sort(
      (a, b) =>
        a.target - b.target || a.published - b.published || (a.protocol < b.protocol ? -1 : 1),
    );

/** What of a service the engine is not asked for again; compared by the digest in a label. */
export const otherDigest = (service: StackService): string | undefined => {
  const { other, depends_on: dependsOn } = service;
  return other === undefined && dependsOn === undefined
    ? undefined
    : sha256(canonical({ other, dependsOn })).slice(0, 16);
};

/** What undoing needs: the label to look for. */
export const undoOf = ({
  run,
  instance,
}: {
  readonly run: string;
  readonly instance: string;
}): JsonObject => ({ run, instance });
