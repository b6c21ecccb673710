// A new sandbox is made beside the old one, filled, asked what it is, and only then takes its name.
// Until then a failure takes the new one away and the old one goes on; after that there is only forward.

import { crashPoint } from '../shared/crash-point.ts';
import { docker, lastLine } from '../shared/docker.ts';
import { Failure, messageOf } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { say } from '../shared/program.ts';
import { agentConfig } from './agent-config.ts';
import { backUp, newestBackup, readManifest } from './backup.ts';
import { buildSandboxImage, checkBase, ensureBase, schemaOf } from './images.ts';
import { mustOpenshell, openshell, sandboxNamed } from './openshell-client.ts';
import { probeSandbox } from './probe.ts';
import { agentManifest, agentNamed } from './product.ts';
import { endJournal, enterPhase, readJournal, type RebuildState } from './rebuild-journal.ts';
import { applyRebuildPolicies } from './rebuild-policies.ts';
import { entryAfter, finishSession } from './rebuild-registry.ts';
import { restoreState } from './rebuild-restore.ts';
import { waitHealthy } from './wait-healthy.ts';
import { editRegistry, entryNamed, type Entry } from './registry.ts';

export type RebuildOptions = { readonly isVerbose: boolean; readonly isResumed: boolean };

const next = (name: string): string => `${name}@next`;
const replaced = (name: string): string => `${name}@old`;

/** Exit 0, 1 failed and the old sandbox kept, 3 no such sandbox, 4 refused before anything. */
export async function rebuild(name: string, options: RebuildOptions): Promise<number> {
  const entry = entryNamed(name);
  if (mutant('rebuild.noop')) {
    say(`sandbox ${name} rebuilt`);
    return 0;
  }
  const left = readJournal(name);
  if (left !== undefined) return resume(entry, left, options);
  if (options.isResumed) {
    say('there is nothing to resume');
    return 0;
  }
  return start(entry, options);
}

async function start(entry: Entry, options: RebuildOptions): Promise<number> {
  const begun = await preflight(entry);
  try {
    return await finish(entry, await makeBeside(entry, begun, options), options);
  } catch (error) {
    if (hasSwapped(readJournal(entry.name))) throw error;
    await takeBack(entry.name);
    throw new Failure(1, `recreate failed: ${messageOf(error)}; old sandbox kept`);
  }
}

const hasSwapped = (state: RebuildState | undefined): boolean =>
  state?.phase === 'swapped' || state?.phase === 'old-removed';

/** Throws exit 4: nothing was touched. */
async function preflight({ name, agent }: Entry): Promise<RebuildState> {
  const old = await sandboxNamed(name);
  if (old?.status !== 'ready') throw new Failure(4, `sandbox ${name} is not ready`);
  await checkBase(agentNamed(agent), await ensureBase(agentNamed(agent)));
  const startedAt = new Date().toISOString();
  return enterPhase(name, { phase: 'preflight', startedAt, oldContainer: old.containerId });
}

async function makeBeside(
  entry: Entry,
  begun: RebuildState,
  options: RebuildOptions,
): Promise<RebuildState> {
  const { name } = entry;
  const agent = agentNamed(entry.agent);
  const tell = (phase: string): void => {
    if (options.isVerbose) say(`rebuild ${name}: ${phase}`);
  };
  const backup = await backUp(entry);
  let state = enterPhase(name, { ...begun, phase: 'backed-up', backup });
  tell(state.phase);
  if (mutant('rebuild.delete-first')) await mustOpenshell(['sandbox', 'delete', name]);
  const imageTag = await imageFor(entry);
  const nextContainer = await createBeside(entry, imageTag);
  state = enterPhase(name, { ...state, phase: 'created-beside', imageTag, nextContainer });
  tell(state.phase);
  await restoreState({ entry, sandbox: next(name), backup });
  state = enterPhase(name, { ...state, phase: 'restored' });
  tell(state.phase);
  await applyRebuildPolicies(entry, next(name));
  state = enterPhase(name, { ...state, phase: 'policies-applied' });
  tell(state.phase);
  const probe = await probeSandbox(next(name), agent);
  const expected = agentManifest(agent).expected_version;
  const isOldOnPurpose = entry.imageTag === imageTag;
  if (!isOldOnPurpose && probe?.version !== expected)
    throw new Failure(1, `the new sandbox has ${probe?.version ?? 'no version'}, not ${expected}`);
  const agentVersion = probe?.version ?? 'unknown';
  state = enterPhase(name, { ...state, phase: 'probed', agentVersion });
  tell(state.phase);
  return state;
}

async function imageFor(entry: Entry): Promise<string> {
  if (mutant('rebuild.keep-old-image')) return entry.imageTag;
  const agent = agentNamed(entry.agent);
  const base = await ensureBase(agent);
  const channels = entry.messaging.plan.map(({ channel }) => channel);
  const config = agentConfig(agent, await schemaOf(base), { model: entry.model, channels });
  return buildSandboxImage(entry.name, base, config);
}

async function createBeside({ name, agent }: Entry, image: string): Promise<string> {
  const create = ['sandbox', 'create', '--name', name, '--from', image, '--beside'];
  await mustOpenshell([...create, '--', '/usr/local/bin/nemoclaw-start']);
  const made = await sandboxNamed(next(name));
  await waitHealthy(next(name), agent);
  if (made === undefined) throw new Failure(1, 'the new sandbox is gone');
  return made.containerId;
}

/** From here on a failure leaves the new sandbox in place. */
async function finish(
  entry: Entry,
  probed: RebuildState,
  { isVerbose }: RebuildOptions,
): Promise<number> {
  const { name } = entry;
  await swap(name, probed);
  let state = enterPhase(name, { ...probed, phase: 'swapped' });
  const manifest = readManifest(probed.backup ?? newestBackup(name) ?? '');
  await editRegistry((registry) => entryAfter(registry, entry, state, manifest));
  finishSession(entry);
  await removeOld(name, state);
  state = enterPhase(name, { ...state, phase: 'old-removed' });
  endJournal(name);
  crashPoint('done');
  if (isVerbose) say(`rebuild ${name}: done`);
  say(`sandbox ${name} rebuilt: ${entry.agent} ${state.agentVersion ?? ''}`);
  return 0;
}

async function swap(name: string, { nextContainer }: RebuildState): Promise<void> {
  const now = await sandboxNamed(name);
  if (now?.containerId === nextContainer) return;
  if (now === undefined) throw new Failure(1, `sandbox ${name} is gone`);
  await mustOpenshell(['sandbox', 'promote', name]);
}

async function removeOld(name: string, { oldContainer }: RebuildState): Promise<void> {
  const old = await sandboxNamed(replaced(name));
  if (old?.containerId !== oldContainer) return;
  await mustOpenshell(['sandbox', 'delete', replaced(name)]);
  // The image belonged to that sandbox alone; one that something else uses stays.
  await docker(['image', 'rm', old.imageId]);
}

async function takeBack(name: string): Promise<void> {
  const { code, stderr } = await openshell(['sandbox', 'delete', next(name)]);
  if (code !== 0 && code !== 3) say(`the new sandbox could not be removed: ${lastLine(stderr)}`);
  endJournal(name);
}

/** After a crash: forward when the new sandbox has the name or was proven, else back and anew. */
async function resume(entry: Entry, left: RebuildState, options: RebuildOptions): Promise<number> {
  const now = await sandboxNamed(entry.name);
  const isPromoted = left.nextContainer !== undefined && now?.containerId === left.nextContainer;
  if (isPromoted || left.phase === 'probed' || hasSwapped(left))
    return finish(entry, left, options);
  await takeBack(entry.name);
  say(`the rebuild that was cut off at ${left.phase} was taken back`);
  return start(entry, options);
}
