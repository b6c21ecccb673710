// Sets of packages that a pack names: fetched once, by a lockfile that the pack holds, and told by their
// digests. Runs fetch nothing; one that needs a set that is not there does not begin.

import { join } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { treeDigest } from '../evidence/tree-digest.ts';
import type { Processes } from '../ports/processes.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Pack } from '../scenario/load-pack.ts';
import { UsageError, type Terminal } from './command.ts';

export type PreparedSet = {
  readonly id: string;
  /** Over the package files that it was made from. */
  readonly key: string;
  /** Digest of each folder, by its name. */
  readonly trees: Readonly<Record<string, string>>;
};

/** What a subject and its scenarios find below their cache. */
export const preparedFolder = (cache: string, id: string): string => join(cache, 'prepared', id);
const recordOf = (cache: string, id: string): string => join(cache, 'prepared', `${id}.json`);

/** The time of its record is that of its last use, by which it is evicted. */
export async function markUsed(cache: string, id: string): Promise<void> {
  const record = recordOf(cache, id);
  await systemFiles.replace(record, await systemFiles.readText(record, recordMax));
}

type Asked = { readonly pack: Pack; readonly cache: string; readonly id: string };

const files = ['package.json', 'package-lock.json'];
const timeoutMs = 900_000;
const recordMax = 1 << 20;

/** Why the set is not there as the pack wants it now; undefined when it is. */
export async function unpreparedReason({ pack, cache, id }: Asked): Promise<string | undefined> {
  const advice = `seatrial fixtures prepare ${id} --pack ${pack.file.id}`;
  const set = pack.file.prepared.find((each) => each.id === id);
  if (set === undefined) return `it needs the set ${id}, which the pack does not describe`;
  const known = await readPrepared(recordOf(cache, id));
  if (known === undefined) return `it needs the set ${id}, which is not prepared: ${advice}`;
  if (known.key !== keyOf(pack, set.folders))
    return `it needs the set ${id}, which was prepared from other packages: ${advice}`;
  for (const name of Object.keys(set.folders))
    if ((await systemFiles.stat(join(preparedFolder(cache, id), name)))?.kind !== 'directory')
      return `it needs the set ${id}, of which ${name} is gone: ${advice}`;
  return undefined;
}

export async function prepareSet(
  asked: Asked,
  { processes, terminal }: { readonly processes: Processes; readonly terminal: Terminal },
): Promise<PreparedSet & { readonly made: boolean }> {
  const { pack, cache, id } = asked;
  const set = pack.file.prepared.find((each) => each.id === id);
  if (set === undefined) {
    const known = pack.file.prepared.map((each) => each.id).join(', ');
    throw new UsageError(
      `the pack ${pack.file.id} has no set ${id}`,
      known === '' ? 'it prepares none' : `known: ${known}`,
    );
  }
  if ((await unpreparedReason(asked)) === undefined) {
    const known = await readPrepared(recordOf(cache, id));
    if (known !== undefined) return { ...known, made: false };
  }
  const beside = `${preparedFolder(cache, id)}.new`;
  await systemFiles.remove(beside);
  const trees: Record<string, string> = {};
  for (const [name, from] of Object.entries(set.folders)) {
    const folder = join(beside, name);
    await install(join(pack.root, from), folder, { processes, terminal });
    trees[name] = treeDigest(await systemFiles.listing(folder));
  }
  const made: PreparedSet = { id, key: keyOf(pack, set.folders), trees };
  // The record goes first, so that it never speaks of packages that are not whole.
  await systemFiles.remove(recordOf(cache, id));
  await systemFiles.remove(preparedFolder(cache, id));
  await systemFiles.rename(beside, preparedFolder(cache, id));
  await systemFiles.replace(recordOf(cache, id), `${JSON.stringify(made, null, 2)}\n`);
  return { ...made, made: true };
}

const keyOf = ({ digests }: Pack, folders: Readonly<Record<string, string>>): string =>
  sha256Hex(
    Object.entries(folders)
      .flatMap(([name, from]) =>
        files.map((file) => `${name} ${file} ${digests.get(`${from}/${file}`) ?? 'absent'}\n`),
      )
      .sort()
      .join(''),
  );

async function install(
  from: string,
  to: string,
  { processes, terminal }: { readonly processes: Processes; readonly terminal: Terminal },
): Promise<void> {
  await systemFiles.makeDirectory(to);
  for (const file of files)
    await systemFiles.replace(join(to, file), await systemFiles.read(join(from, file)));
  const result = await processes.run({
    // Scripts of packages would run with the authority of whoever prepares.
    argv: ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    ...{ cwd: to, env: npmEnvironment(terminal), timeoutMs, outputLimitBytes: 1 << 20 },
    signal: terminal.signal,
  });
  if (result.exitCode === 0) return;
  const said = new TextDecoder().decode(result.stderr).trim().slice(-1000);
  throw new WorldError('unavailable', `npm could not install ${from}: ${said}`, {
    hint: 'the packages come from the registry that npm is set up for',
  });
}

/** How npm reaches its registry is the host's own matter. */
const npmEnvironment = ({ env }: Terminal): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && /^(?:PATH|HOME|npm_config_\w+|https?_proxy|no_proxy)$/i.test(name)
        ? [[name, value] as const]
        : [],
    ),
  );

export async function readPrepared(path: string): Promise<PreparedSet | undefined> {
  if ((await systemFiles.stat(path)) === undefined) return undefined;
  try {
    return JSON.parse(await systemFiles.readText(path, recordMax)) as PreparedSet;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
