// What is observed of overrides: configuration, hash and owners after each start, as the containers hold them.

import { createHash } from 'node:crypto';
import type { Json, JsonObject, PackCollector, PackContext } from 'seatrial';
import { containerOf, namedIn, objectIn, stateOf, textIn, told } from './look-inside.ts';

const plain = 'override-plain';
const all = 'override-env';
const linked = 'override-linked';
const baseline = 'start-plain';
/** The last one before those that are refused: its bytes are what a refused start must leave. */
const lastGood = 'start-cors-origin';

/** The sandbox that the host's registry knows. */
export const hostSandbox = ({ suffix }: Pick<PackContext, 'suffix'>): string => `over-${suffix}`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

type Start = {
  /** `up`, or the exit status. */
  readonly outcome: string;
  readonly log: string;
  /** Text of the configuration then. */
  readonly config: string;
};

/** Starts of a container, by the names that they were given. */
async function startsIn(
  context: PackContext,
  fixture: string,
): Promise<Readonly<Record<string, Start>>> {
  const script = `cd /run/starts && for each in */outcome */log */openclaw.json; do echo "$each: $(base64 "$each" | tr -d '\\n')"; done`;
  const files = namedIn(await told(context, fixture, { script }));
  const textOf = (path: string): string => Buffer.from(files[path] ?? '', 'base64').toString();
  const names = Object.keys(files)
    .filter((path) => path.endsWith('/outcome'))
    .map((path) => path.slice(0, path.indexOf('/')));
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        outcome: textOf(`${name}/outcome`).trim(),
        log: textOf(`${name}/log`),
        config: textOf(`${name}/openclaw.json`),
      },
    ]),
  );
}

const absent = 'absent';

export const baselineHashValid: PackCollector = {
  after: async (context) => {
    const script =
      'cd /sandbox/.openclaw && sha256sum openclaw.json && cat .config-hash && sha256sum -c .config-hash';
    const lines = (await told(context, plain, { script })).split('\n');
    const [now = '', ...recorded] = lines;
    const [digest = ''] = now.split(' ');
    return {
      recomputed: digest === '' ? absent : digest,
      recorded: recorded.find((line) => line.endsWith('  openclaw.json'))?.split(' ')[0] ?? absent,
      checked: lines.filter((line) => line.endsWith(': OK')),
    };
  },
};

export const modesKept: PackCollector = {
  after: async (context) => {
    const script =
      'cd /sandbox/.openclaw && for each in . openclaw.json .config-hash; do echo "$each: $(stat -c "%a %U" $each)"; done';
    return namedIn(await told(context, plain, { script }));
  },
};

/** Pointers at which a value differs from the baseline's, with what stands there now. */
function changesIn(before: Json, after: Json, at = ''): readonly (readonly [string, Json])[] {
  const isBranch = (value: Json): boolean =>
    typeof value === 'object' && value !== null && !isScalarList(value);
  if (!isBranch(before) || !isBranch(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [[at, after]];
  const [left, right] = [before, after] as readonly Readonly<Record<string, Json>>[];
  const keys = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  return [...keys].flatMap((key) =>
    changesIn(left?.[key] ?? null, right?.[key] ?? null, `${at}/${key}`),
  );
}

const isScalarList = (value: Json): boolean =>
  Array.isArray(value) && (value as readonly Json[]).every((each) => typeof each !== 'object');

/** The text with every change put back, which must be the baseline byte for byte. */
function withoutChanges(before: Json, after: Json, changes: readonly (readonly [string, Json])[]) {
  const rest = structuredClone(after);
  for (const [pointer] of changes) {
    const path = pointer.split('/').slice(1);
    const last = path.pop() ?? '';
    const holder = (root: Json): Record<string, Json> =>
      path.reduce<Json>((value, key) => objectOrList(value)[key] ?? null, root) as never;
    holder(rest)[last] = holder(before)[last] ?? null;
  }
  return `${JSON.stringify(rest, null, 2)}\n`;
}

const objectOrList = (value: Json): Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, Json>>) : {};

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

type Changed = { readonly changes: Json; readonly rest: string };

function changedBy(start: Start | undefined, before: string): Changed {
  const [left, right] = [parsed(before), parsed(start?.config ?? '')];
  const changes = changesIn(left, right);
  const isWhole = left !== null && right !== null;
  return {
    // An empty list of changes compares with nothing, and a variable that is ignored would not be told.
    changes: changes.length === 0 ? absent : Object.fromEntries(changes),
    rest: isWhole ? sha256(withoutChanges(left, right, changes)) : absent,
  };
}

const variables = ['model', 'api', 'context-window', 'max-tokens', 'reasoning', 'cors-origin'];

export const eachApplied: PackCollector = {
  after: async (context) => {
    const starts = await startsIn(context, plain);
    const before = starts[baseline]?.config ?? '';
    const facts = variables.map((name) => [name, changedBy(starts[`start-${name}`], before)]);
    return { ...(Object.fromEntries(facts) as JsonObject), baseline: sha256(before) };
  },
};

export const combinedApplied: PackCollector = {
  after: async (context) => {
    const before = (await startsIn(context, plain))[baseline]?.config ?? '';
    const config = await told(context, all, { script: 'cat /sandbox/.openclaw/openclaw.json' });
    const start = { outcome: 'up', log: '', config: `${config}\n` };
    return { ...changedBy(start, before), baseline: sha256(before) };
  },
};

const isBad = (name: string): boolean => name.startsWith('start-bad-');

export const invalidRefused: PackCollector = {
  after: async (context) => {
    const starts = await startsIn(context, plain);
    const bad = Object.entries(starts).filter(([name]) => isBad(name));
    return {
      count: bad.length,
      outcomes: [...new Set(bad.map(([, { outcome }]) => outcome))],
      unnamed: bad
        .filter(([, { log }]) => !/NEMOCLAW_\w+ is refused/.test(log))
        .map(([name]) => name),
      configs: [...new Set(bad.map(([, { config }]) => sha256(config)))],
      earlier: [sha256(starts[lastGood]?.config ?? '')],
    };
  },
};

export const allOrNothing: PackCollector = {
  after: async (context) => {
    const starts = await startsIn(context, plain);
    const { outcome = absent, config = '', log = '' } = starts['start-mixed'] ?? {};
    return {
      ...{ outcome, config: sha256(config), log },
      earlier: sha256(starts[lastGood]?.config ?? ''),
    };
  },
};

/** What an override must never reach: the image, and what the host remembers. */
async function defaults(context: PackContext): Promise<JsonObject> {
  const { ports, home, fixtures } = context;
  const image = await ports.driver.image(fixtures[plain]?.['image'] ?? '');
  const files = ['sandboxes.json', 'onboard-session.json'].map(
    async (name) =>
      [name, (await ports.state.read(`${home}/.nemoclaw/${name}`)).sha256 ?? absent] as const,
  );
  return {
    image: textIn(image?.['Id']),
    host: Object.fromEntries(await Promise.all(files)),
  };
}

export const defaultsUnpolluted: PackCollector = {
  before: defaults,
  after: async (context) => {
    const starts = await startsIn(context, plain);
    return {
      ...(await defaults(context)),
      config: sha256(starts['start-again']?.config ?? ''),
      baseline: sha256(starts[baseline]?.config ?? ''),
    };
  },
};

const targets = ['config', 'second', 'hash'];

/** Digest, mode and owner of what the links lead to. */
async function targetsNow(context: PackContext): Promise<JsonObject> {
  const container = containerOf(context, linked);
  const facts = targets.map(async (name) => {
    const {
      sha256: digest = absent,
      mode = '',
      uid = -1,
    } = await context.ports.sandbox.read(container, `/outside/${name}`);
    return [name, `${digest} ${mode} ${String(uid)}`] as const;
  });
  return Object.fromEntries(await Promise.all(facts));
}

export const unsafeFilesRefused: PackCollector = {
  before: async (context) => ({ targets: await targetsNow(context) }),
  after: async (context) => {
    const starts = Object.entries(await startsIn(context, linked));
    const outcomes = starts.map(([name, { outcome }]) => [name, outcome]);
    return {
      outcomes: Object.fromEntries(outcomes) as JsonObject,
      targets: await targetsNow(context),
      isRunning: (await stateOf(context, linked)).isRunning,
    };
  },
};

/** Asked through the product, of the sandbox that was restarted: what its gateway was given for this start. */
export const hostEnvForwarded: PackCollector = {
  after: async (context) => {
    const name = hostSandbox(context);
    const read = async (path: string): Promise<JsonObject> => {
      const argv = ['sandbox', 'exec', name, '--', 'cat', path] as const;
      const { stdout } = await context.ports.run({
        argv: [`${context.product}/openshell/openshell`, ...argv],
      });
      return objectIn(parsed(stdout));
    };
    const forwarded = await read('/run/openshell/environment.json');
    const config = await read('/sandbox/.openclaw/openclaw.json');
    const model = objectIn(objectIn(objectIn(config['agents'])['defaults'])['model']);
    return { forwarded: { none: 'none', ...forwarded }, model: model['primary'] ?? absent };
  },
};
