// The ports through which functions of a pack touch the product. What counts as touching a surface is decided here,
// from what really answered (audit specification, C3).

import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { text as readAll } from 'node:stream/consumers';
import { realpath } from 'node:fs/promises';
import type { Files } from '../../ports/files.ts';
import type { Http } from '../../ports/http.ts';
import type { Json, JsonObject } from '../../ports/json.ts';
import type {
  PackAnswer,
  PackCommand,
  PackFile,
  PackPorts,
  PackPortsFor,
  Surface,
} from '../../ports/pack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { inspectContainer } from '../docker/containers.ts';
import { makeEngine, query, type Engine } from '../docker/engine.ts';
import { execInContainer } from '../docker/exec.ts';
import { findImage } from '../docker/images.ts';
import { holdsSocket } from '../process/held-sockets.ts';
import { isBelow } from '../process/proc.ts';
import { readContainerFile, textIn } from './container-file.ts';
import { resolveProgram, runProgram } from './run-program.ts';

type Options = Parameters<PackPortsFor>[0];
type System = { readonly files: Files; readonly http: Http; readonly dockerHost: string };

const timeoutMsDefault = 60_000;
const textMax = 1024 * 1024;

const digest = (value: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(value).digest('hex')}`;

export const packPortsOf =
  (system: System): PackPortsFor =>
  (options) => {
    const seen = witnessing(options);
    const on = enginePorts(options, seen);
    return {
      run: async (command) => {
        const { outcome, isProduct } = await runOn(command, options);
        seen('host-run', command.argv, outcome, {
          touched: isProduct && outcome.exit !== undefined ? hostSurfaces(command, options) : [],
        });
        return outcome;
      },
      http: async (asked) => {
        const { status, body } = await system.http.request({
          timeoutMs: timeoutMsDefault,
          ...asked,
        });
        const answer = { status, text: new TextDecoder().decode(body) };
        const address = options.surfaces.http?.address;
        const published = address !== undefined && new URL(asked.url).host === address;
        seen('http', [asked.method ?? 'GET', asked.url], answer, {
          touched: published ? ['http'] : [],
        });
        return answer;
      },
      gateway: async (asked) => {
        const { answer, proven } = await askGateway(asked, options, system);
        seen('gateway-request', [asked.method ?? 'GET', asked.path], answer, {
          touched: proven ? ['gateway'] : [],
        });
        return answer;
      },
      ...on(system.dockerHost),
      engine: on,
      state: statePorts(system.files, options, seen),
      provider: {
        requests: (fixture) => {
          const ours = options
            .requests(fixture)
            .filter((each) => JSON.stringify(each).includes(options.nonce));
          seen('endpoint-log', [fixture], ours, { touched: ours.length > 0 ? ['provider'] : [] });
          return Promise.resolve(ours);
        },
      },
    };
  };

/** By the engine's address. Engines of fixtures are recognised by the same labels as the harness's own. */
const enginePorts =
  (options: Options, seen: Seen): PackPorts['engine'] =>
  (host) => {
    const engine = lazily(() => makeEngine(host));
    return {
      sandbox: sandboxPorts(engine, options, seen),
      driver: driverPorts(engine, seen),
    };
  };

function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

type Seen = (
  transport: string,
  command: readonly Json[],
  output: unknown,
  more: { readonly touched: readonly Surface[]; readonly target?: string },
) => void;

const witnessing =
  ({ witness }: Options): Seen =>
  (transport, command, output, { touched, target }) => {
    witness({
      ...{ transport, touched },
      command: digest(JSON.stringify(command)),
      output: digest(JSON.stringify(output)),
      ...(target === undefined ? {} : { target }),
    });
  };

async function runOn(command: PackCommand, options: Options) {
  const { places, env, surfaces, signal, planted, held } = options;
  const cwd = command.cwd ?? places.work;
  const all = { ...env(), ...command.env, SEATRIAL_RUN: places.run };
  const program = await resolveProgram(command.argv[0], {
    cwd,
    path: (all as Readonly<Record<string, string>>)['PATH'] ?? '',
  });
  if (program === undefined)
    throw new WorldError('not-found', `${command.argv[0]} is not on the PATH of the run`);
  const folders = await Promise.all((surfaces['host-cli']?.folders ?? []).map(realOrSame));
  const isProduct = folders.some((folder) => isBelow(program, folder));
  const argv = [program, ...command.argv.slice(1)] as [string, ...string[]];
  const outcome = await runProgram(
    { ...command, argv },
    {
      ...{ cwd, signal },
      env: isProduct ? { ...planted, ...all } : all,
      onEnvironment: (found) => {
        for (const [name, value] of Object.entries(planted)) if (found[name] === value) held(name);
      },
    },
  );
  return { outcome, isProduct };
}

async function realOrSame(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}

async function askGateway(
  asked: Parameters<PackPorts['gateway']>[0],
  { surfaces }: Options,
  { http }: System,
): Promise<{ readonly answer: PackAnswer; readonly proven: boolean }> {
  const { gateway } = surfaces;
  if (gateway?.socket !== undefined) {
    const answer = await askSocket(gateway.socket, asked);
    return { answer, proven: holdsSocket(gateway.pidFile, gateway.socket) };
  }
  if (gateway?.address === undefined)
    throw new WorldError('not-found', 'the pack does not say where its gateway is');
  const { status, body } = await http.request({
    url: `http://${gateway.address}${asked.path}`,
    timeoutMs: timeoutMsDefault,
    ...(asked.method === undefined ? {} : { method: asked.method }),
    ...(asked.body === undefined ? {} : { body: asked.body }),
  });
  // Of an address nobody can tell who holds it without the socket's owner; it is told apart by no more than this.
  return { answer: { status, text: new TextDecoder().decode(body) }, proven: false };
}

function askSocket(
  socketPath: string,
  { path, method = 'GET', body }: Parameters<PackPorts['gateway']>[0],
): Promise<PackAnswer> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error): void => {
      reject(new WorldError('network', `the gateway does not answer: ${cause.message}`, { cause }));
    };
    const asked = request({ socketPath, path, method, timeout: timeoutMsDefault }, (answer) => {
      readAll(answer).then((text) => {
        resolve({ status: answer.statusCode ?? 0, text: text.slice(0, textMax) });
      }, refuse);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', refuse);
    asked.end(body ?? '');
  });
}

function sandboxPorts(engine: () => Engine, options: Options, seen: Seen): PackPorts['sandbox'] {
  const { surfaces, places, signal } = options;
  const label = surfaces.sandbox?.label;
  const inspect = async (container: string): Promise<JsonObject | undefined> =>
    (await inspectContainer(engine(), container)) as unknown as JsonObject | undefined;
  const isSandbox = (found: JsonObject | undefined): boolean => {
    const config = found?.['Config'] as { Labels?: Readonly<Record<string, string>> } | undefined;
    return label !== undefined && config?.Labels?.[label] !== undefined;
  };
  return {
    list: async () => {
      const { value } = await engine().call({
        path: `/containers/json${query({ all: true, filters: label === undefined ? {} : { label: [label] } })}`,
      });
      const ours = (value as unknown as readonly JsonObject[]).filter((each) =>
        JSON.stringify(each['Names'] ?? null).includes(places.suffix),
      );
      seen('engine', ['containers'], ours, { touched: ['driver'] });
      return ours;
    },
    inspect: async (container) => {
      const found = await inspect(container);
      seen('engine-inspect', [container], found ?? null, {
        touched: isSandbox(found) ? ['sandbox', 'driver'] : ['driver'],
        target: container,
      });
      return found;
    },
    exec: async (container, { argv, env = {}, timeoutMs = timeoutMsDefault, user }) => {
      const proven = isSandbox(await inspect(container));
      const { exitCode, timedOut, stdout, stderr } = await execInContainer(
        engine(),
        container,
        { argv, env, ...(user === undefined ? {} : { user }) },
        { timeoutMs, outputLimitBytes: textMax, signal },
      );
      const decoder = new TextDecoder();
      const outcome = {
        ...{ exit: exitCode, timedOut },
        ...{ stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) },
      };
      seen('sandbox-exec', argv, outcome, {
        touched: proven
          ? ['sandbox', ...(asksAgent(argv, options) ? (['agent'] as const) : [])]
          : [],
        target: container,
      });
      return outcome;
    },
    read: async (container, path) => {
      const proven = isSandbox(await inspect(container));
      const found = await readContainerFile(engine(), container, path);
      seen('file-sandbox', [container, path], found, {
        touched: proven ? ['state'] : [],
        target: path,
      });
      return found;
    },
  };
}

const driverPorts = (engine: () => Engine, seen: Seen): PackPorts['driver'] => ({
  image: async (reference) => {
    const image = (await findImage(engine(), reference)) as JsonObject | undefined;
    seen('engine', ['image', reference], image ?? null, { touched: ['driver'] });
    return image;
  },
  images: async () => {
    const { value } = await engine().call({ path: '/images/json' });
    seen('engine', ['images'], value, { touched: ['driver'] });
    return value as unknown as readonly JsonObject[];
  },
});

/** An agent may also be started on the host itself. */
const hostSurfaces = ({ argv: [program] }: PackCommand, options: Options): readonly Surface[] => [
  'host-cli',
  ...(asksAgent([program], options) ? (['agent'] as const) : []),
];

/** Its own program, or a request to its port from inside. */
function asksAgent(argv: readonly string[], { surfaces }: Options): boolean {
  const { programs = [], ports = [] } = surfaces.agent ?? {};
  const [program = ''] = argv;
  const name = program.slice(program.lastIndexOf('/') + 1);
  return (
    programs.includes(name) ||
    ports.some((port) => argv.some((word) => word.includes(`127.0.0.1:${String(port)}/`)))
  );
}

function statePorts(files: Files, { surfaces }: Options, seen: Seen): PackPorts['state'] {
  const touches = async (path: string): Promise<readonly Surface[]> => {
    const real = await realOrSame(path);
    const folders = await Promise.all((surfaces.state?.folders ?? []).map(realOrSame));
    return folders.some((folder) => isBelow(real, folder)) ? ['state'] : [];
  };
  return {
    read: async (path) => {
      const found = await readHostFile(files, path);
      seen('file-read', [path], found, { touched: await touches(path), target: path });
      return found;
    },
    tree: async (path) => {
      const listing = (await files.stat(path)) === undefined ? [] : await files.listing(path);
      const found = Object.fromEntries(
        listing.map(
          ({ path: name, kind, mode, uid, gid, sizeBytes, sha256 }): [string, PackFile] => [
            name,
            {
              ...{ kind, uid, gid, bytes: sizeBytes, mode: mode.toString(8) },
              ...(sha256 === undefined ? {} : { sha256 }),
            },
          ],
        ),
      );
      seen('file-tree', [path], found, { touched: await touches(path), target: path });
      return found;
    },
  };
}

async function readHostFile(files: Files, path: string): Promise<PackFile> {
  const stat = await files.stat(path);
  if (stat === undefined) return { kind: 'absent' };
  const { kind, mode, uid, gid, inode, sizeBytes } = stat;
  const about = { kind, uid, gid, inode, bytes: sizeBytes, mode: mode.toString(8) };
  if (kind !== 'file') return about;
  const bytes = await files.read(path);
  return { ...about, sha256: digest(bytes).slice('sha256:'.length), ...textIn(bytes) };
}
