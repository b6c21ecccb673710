import { mutant } from '../shared/mutant.ts';
import { tokenVariable } from './agent-config.ts';
import type { BackupManifest } from './backup.ts';
import type { RebuildState } from './rebuild-journal.ts';
import { keptPolicies } from './rebuild-policies.ts';
import type { Entry, Messaging, Registry } from './registry.ts';
import { readSession, writeSession, type Session } from './session.ts';

/** The registry after a rebuild: the version that the new sandbox itself told, all else as it was. */
export function entryAfter(
  registry: Registry,
  entry: Entry,
  { imageTag, agentVersion }: RebuildState,
  manifest: BackupManifest,
): Registry {
  const isCopied = mutant('rebuild.copy-manifest-version');
  const next: Entry = {
    ...entry,
    ...keptPolicies(entry),
    imageTag: imageTag ?? entry.imageTag,
    agentVersion: isCopied ? manifest.agentVersion : (agentVersion ?? entry.agentVersion),
    messaging: messagingAfter(entry),
  };
  const others = mutant('rebuild.rewrite-registry') ? touched(registry) : registry.sandboxes;
  return { ...registry, sandboxes: { ...others, [entry.name]: next } };
}

function touched({ sandboxes }: Registry): Registry['sandboxes'] {
  const createdAt = new Date().toISOString();
  return Object.fromEntries(
    Object.entries(sandboxes).map(([name, each]) => [name, { ...each, createdAt }]),
  );
}

function messagingAfter({ messaging }: Entry): Messaging {
  if (mutant('rebuild.drop-messaging')) return { schemaVersion: 1, plan: [] };
  if (!mutant('rebuild.inline-token')) return messaging;
  const plan = messaging.plan.map((each) => ({
    ...each,
    placeholder: process.env[tokenVariable(each.channel)] ?? 'inlined',
  }));
  return { ...messaging, plan };
}

/** A session that a crash left open would offer to onboard a sandbox that is there. */
export function finishSession({ name, agent, policies }: Entry): void {
  const session = readSession();
  if (session === undefined || mutant('rebuild.stale-session')) return;
  const complete = (step: Session['steps'][keyof Session['steps']]): typeof step => ({
    ...step,
    status: 'complete',
    error: null,
  });
  const { preflight, provider, inference, sandbox, policies: applied } = session.steps;
  writeSession({
    ...session,
    sandboxName: name,
    agent,
    status: 'complete',
    resumable: false,
    policyPresets: policies,
    steps: {
      preflight: complete(preflight),
      provider: complete(provider),
      inference: complete(inference),
      sandbox: complete(sandbox),
      policies: complete(applied),
    },
  });
}
