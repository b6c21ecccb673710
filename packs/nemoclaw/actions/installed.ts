// The subject `installed`: a product that somebody has on this host. Each run works on a copy of its checkout, in a home
// of its own and on an engine of its own, and asks it by the commands that a user would type.

import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type {
  JsonObject,
  OpenedSubject,
  PackContext,
  PackPlaces,
  PackPorts,
  PackSubject,
  SubjectIdentity,
} from 'seatrial';
import { agentOf, listIn, objectIn, parsed, textIn, versionIn } from '../checks/look-sandbox.ts';
import { listSandboxes, lookAtSandbox, versionsOf } from '../checks/product-commands.ts';
import { releasesFile } from '../checks/releases.ts';
import { agentsAt, commitOf, git } from './installed-checkout.ts';
import { settingsIn, unmetConditions, type Settings } from './installed-conditions.ts';
import { environmentOf, writePrograms } from './programs.ts';

const sha256 = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

const programs = ['nemoclaw', 'openshell'] as const;

function mustHave(settings: JsonObject | undefined): Settings {
  const found = settingsIn(settings);
  if (found === undefined) throw new Error('nobody says where the product is installed');
  return found;
}

/** Files of the checkout that git does not keep: what was built from it runs as well. */
async function untracked(checkout: string): Promise<readonly string[]> {
  const listed = (await git(checkout, ['ls-files', '--others', '-z'])) ?? '';
  return listed
    .split('\0')
    .filter((path) => path !== '' && !path.endsWith('/'))
    .map((path) => `${path} ${sha256(readFileSync(join(checkout, path)))}`);
}

async function identityOf({ checkout, head, ...paths }: Settings): Promise<SubjectIdentity> {
  const commit = (await commitOf(checkout, head)) ?? '';
  const tree = ((await git(checkout, ['rev-parse', `${head}^{tree}`])) ?? '').trim();
  const digests = programs.map((name) => `${name} ${sha256(readFileSync(paths[name]))}`);
  const parts = [...digests, `tree ${tree}`, ...(await untracked(checkout))];
  return {
    digest: sha256(JSON.stringify(parts)),
    ...{ commit, tree },
    builds: Object.entries(await agentsAt(checkout, head)).map(([agent, version]) => ({
      ...{ component: `agents/${agent}`, version },
      // Which image it becomes is not known before the product has built it.
      content: sha256(`${tree} ${agent} ${version}`),
    })),
  };
}

/** A program that came with the checkout runs from the run's copy of it. */
function programIn(product: string, checkout: string, path: string): string {
  const below = relative(realpathSync(checkout), realpathSync(path));
  return below.startsWith('..') ? realpathSync(path) : join(product, below);
}

/** Links stay links, times and modes stay: the copy is as clean a checkout as the original. */
async function copyCheckout(ports: PackPorts, checkout: string, product: string): Promise<void> {
  const argv = ['cp', '--archive', '--reflink=auto', `${checkout}/.`, product] as const;
  const { exit, stderr } = await ports.run({ argv: [...argv], timeoutMs: 240_000 });
  if (exit !== 0) throw new Error(`the checkout cannot be copied: ${stderr.slice(0, 500)}`);
}

/** Real products know no planted faults and say so by saying nothing of them. */
async function mutantsOf({ work }: PackPlaces, ports: PackPorts): Promise<readonly string[]> {
  const argv = [join(work, 'bin/nemoclaw'), '--version', '--json'] as const;
  const { exit, stdout } = await ports.run({ argv: [...argv], timeoutMs: 20_000 });
  return exit === 0 ? listIn(objectIn(parsed(stdout))['mutants']).map(textIn) : [];
}

async function open(places: Parameters<PackSubject['open']>[0]): Promise<OpenedSubject> {
  const { product, work, suffix, env, ports } = places;
  const settings = mustHave(places.settings);
  const { checkout, base, head } = settings;
  await copyCheckout(ports, checkout, product);
  const found = programs.map((name) => [name, programIn(product, checkout, settings[name])]);
  writePrograms(work, Object.fromEntries(found) as Readonly<Record<string, string>>);
  const [old, current] = [await agentsAt(checkout, base), await agentsAt(checkout, head)];
  writeFileSync(releasesFile(places), JSON.stringify({ old, head: current }));
  return {
    env: environmentOf({ work, suffix, path: env['PATH'] ?? '' }),
    mutants: await mutantsOf(places, ports),
    observe: (context) => observe(context, settings),
  };
}

/** Programs as they are now, and the run's sandbox, if there is a gateway and it has one. */
async function observe(context: PackContext, settings: Settings): Promise<readonly JsonObject[]> {
  if (context.manifest === undefined || (await listSandboxes(context)) === undefined) return [];
  return [...(await observePrograms(context, settings)), ...(await observeSandbox(context))];
}

async function observePrograms(
  context: PackContext,
  { checkout, ...paths }: Settings,
): Promise<readonly JsonObject[]> {
  const versions = await versionsOf(context);
  const seen = programs.map(async (component) => {
    const path = programIn(context.product, checkout, paths[component]);
    const { sha256: content = '' } = await context.ports.state.read(path);
    return {
      schema: 'seatrial.instance/v1',
      ...{ component, name: `${component}-${context.suffix}`, id: path, content },
      ...{ version: versions[component], probe: `${component} --version` },
    };
  });
  return Promise.all(seen);
}

async function observeSandbox(context: PackContext): Promise<readonly JsonObject[]> {
  const { name } = context;
  const { container, image, state, labels } = await lookAtSandbox(context, name);
  if (!/^(?:ready|running)$/.test(state)) return [];
  const agent = agentOf(context);
  return [
    {
      schema: 'seatrial.instance/v1',
      ...{ component: `agents/${agent}`, name, id: container },
      content: textIn(labels['openshell.ai/content']) || image,
      version: await versionIn(context, container, agent),
      probe: `${agent} --version`,
    },
  ];
}

export const installed: PackSubject = {
  unmet: unmetConditions,
  prepare: ({ settings }) => identityOf(mustHave(settings)),
  open,
};
