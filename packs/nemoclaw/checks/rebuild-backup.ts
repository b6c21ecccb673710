// What a rebuild leaves on the host: nothing that is secret, for nobody but its owner.

import type { JsonObject, PackCollector, PackContext } from 'seatrial';
import { agentOf, homeIn, inSandbox, newestBackup, sandboxOf } from './look-sandbox.ts';
import { plantedFiles, plantedIn } from './planted-files.ts';

/** Names of the files in which the sandbox holds its secret. */
async function held(context: PackContext): Promise<JsonObject> {
  const { container } = await sandboxOf(context);
  const secrets = plantedIn(context);
  const found: string[] = [];
  for (const { path, variable, print } of plantedFiles) {
    const folder = `${homeIn(agentOf(context), 'old')}/workspace`;
    const text = await inSandbox(context, container, `cd ${folder} && ${print}`);
    const secret = secrets[variable] ?? '';
    if (secret !== '' && text.includes(secret)) found.push(path);
  }
  return { held: found.sort() };
}

const isArchive = (path: string): boolean => /\.(tar|tar\.gz|tgz)$/.test(path);

/** Text of a file of the backup, of an archive that of all its members. */
async function textOf({ ports }: PackContext, path: string): Promise<string> {
  if (!isArchive(path)) return (await ports.state.read(path)).text ?? '';
  const { exit, stdout } = await ports.run({ argv: ['tar', '-xaOf', path] });
  if (exit !== 0) throw new Error(`${path} cannot be looked into`);
  return stdout;
}

async function filesBelow(context: PackContext, folder: string): Promise<readonly string[]> {
  const tree = await context.ports.state.tree(folder);
  return Object.entries(tree).flatMap(([path, { kind }]) => (kind === 'file' ? [path] : []));
}

export const backupSanitised: PackCollector = {
  before: held,
  after: async (context) => {
    const folder = (await newestBackup(context)) ?? '';
    const secrets = Object.entries(plantedIn(context));
    const paths = await filesBelow(context, folder);
    const hits: string[] = [];
    for (const path of paths) {
      const text = await textOf(context, `${folder}/${path}`);
      for (const [name, value] of secrets) if (text.includes(value)) hits.push(`${path} ${name}`);
    }
    return { hits, files: paths.map((path) => path.slice(path.lastIndexOf('/') + 1)) };
  },
};

/** Kinds and modes of everything below, and members of archives that lead out. */
export const backupPrivate: PackCollector = {
  after: async (context) => {
    const folder = (await newestBackup(context)) ?? '';
    const tree = Object.entries(await context.ports.state.tree(folder));
    const modes = (wanted: string): readonly string[] => [
      ...new Set(tree.flatMap(([, { kind, mode = '' }]) => (kind === wanted ? [mode] : []))),
    ];
    const outside: string[] = [];
    for (const [path] of tree.filter(([each]) => isArchive(each))) {
      const argv = ['tar', '-taf', `${folder}/${path}`] as const;
      const { stdout } = await context.ports.run({ argv });
      const names = stdout.split('\n').filter((name) => name !== '');
      outside.push(...names.filter((name) => name.startsWith('/') || name.includes('..')));
    }
    return {
      ...{ folders: modes('directory'), files: modes('file'), outside },
      kinds: [...new Set(tree.map(([, { kind }]) => kind))].sort(),
    };
  },
};
