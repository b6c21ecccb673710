// Rebuilds that fail or are cut off, sandboxes that were never old, and the check for stale ones.

import type { PackAction, PackContext } from 'seatrial';
import {
  agentOf,
  agentSays,
  listIn,
  objectIn,
  registryPath,
  sandboxOf,
  textIn,
} from '../checks/look-sandbox.ts';
import { phaseName } from '../checks/rebuild-failure.ts';
import { runProduct, seedSandbox, untilHealthy, type Ended, type Input } from './sandboxes.ts';

/**
 * `with: {phase?, image?, layout?, bare?}`: a sandbox by the product's own onboarding, on the image of a fixture or
 * the release's own, with what its owner has unless it is bare; it is named after the phase that it is for.
 */
export const onboardSandbox: PackAction = async (context) => {
  const { manifest, pack, fixtures } = context;
  const { policyPresets, customPolicies } = objectIn(objectIn(manifest?.['spec'])['onboarding']);
  const name = nameFor(context);
  const base = fixtures[textIn(context.with['image'])]?.['image'];
  const custom = listIn(customPolicies).map((path) => `${pack}/${textIn(path)}`);
  const made = await runProduct(
    context,
    [
      ...(['nemoclaw', 'onboard', '--non-interactive', '--name', name] as const),
      ...(base === undefined ? [] : ['--base', base]),
    ],
    {
      NEMOCLAW_POLICY_PRESETS: listIn(policyPresets).map(textIn).join(','),
      NEMOCLAW_CUSTOM_POLICIES: custom.join(','),
    },
  );
  if (made.exit !== 0 || context.with['bare'] === true) return made;
  return seedSandbox(context, name, context.with['layout'] === 'current' ? 'current' : 'old');
};

const nameFor = (context: Input): string => {
  const phase = textIn(context.with['phase']);
  return phase === '' ? context.name : phaseName(context, phase);
};

const killed = 137;

/** `with: {phase}`: cut off after the phase; whoever asks then must still be answered by that name. */
export const killRebuild: PackAction = async (context) => {
  const name = nameFor(context);
  const ended = await runProduct(context, ['nemoclaw', name, 'rebuild', '--yes'], {
    NEMOCLAW_REF_CRASH_AT: textIn(context.with['phase']),
  });
  if (ended.exit !== undefined) return ended;
  const { container } = await sandboxOf(context, name);
  const agent = agentOf(context);
  const asked = await agentSays(context, container, [agent, 'memory', 'get', 'colour']);
  if (asked === 'teal') return { ...ended, exit: killed };
  return { ...ended, exit: 0, stderr: `nothing answers as ${name} after the kill` };
};

/** `with: {phase}`: goes on with what was cut off. */
export const resumeRebuild: PackAction = (context) =>
  runProduct(context, ['nemoclaw', nameFor(context), 'rebuild', '--yes', '--resume']);

/**
 * A rebuild whose new container cannot start: the helper that each container begins with ends at once. `with:
 * {touch?}` also writes into the registry, which such a rebuild must not do.
 */
export const rebuildBroken: PackAction = async (context) => {
  const helper = `${context.product}/openshell/openshell-sandbox`;
  const broken = await shell(
    context,
    `mv ${helper} ${helper}.kept && printf '#!/bin/sh\\nprocess.exit(9)\\n' > ${helper} && chmod 755 ${helper}`,
  );
  if (broken.exit !== 0) return broken;
  const ended = await runProduct(context, ['nemoclaw', context.name, 'rebuild', '--yes']);
  await shell(context, `mv ${helper}.kept ${helper}`);
  if (context.with['touch'] === true)
    await shell(
      context,
      `sed -i 's/"policyTier": "balanced"/"policyTier": "open"/' ${registryPath(context)}`,
    );
  return ended;
};

const shell = (context: PackContext, script: string): Promise<Ended> =>
  context.ports.run({ argv: ['/bin/sh', '-euc', script] });

/** A fresh sandbox is made to look old to whoever reads the registry alone. */
export const patchRegistry: PackAction = (context) =>
  shell(
    context,
    `sed -i 's/"agentVersion": "[^"]*"/"agentVersion": "0.0.1"/' ${registryPath(context)}`,
  );

/**
 * `with: {stop?: [names], drift?}`: the check for stale sandboxes, while some are stopped, or after the product's
 * agent got other content under the same version.
 */
export const checkUpgrades: PackAction = async (context) => {
  const stopped = listIn(context.with['stop']).map(textIn);
  for (const name of stopped) await runProduct(context, ['openshell', 'sandbox', 'stop', name]);
  if (context.with['drift'] === true) {
    const build = `${context.product}/agents/${agentOf(context)}/build.json`;
    const { stderr, exit } = await shell(
      context,
      `sed -i 's/"tree": "[0-9a-f]*"/"tree": "${'0'.repeat(64)}"/' ${build}`,
    );
    if (exit !== 0) return { exit: undefined, stderr };
  }
  const ended = await runProduct(context, ['nemoclaw', 'upgrade-sandboxes', '--check']);
  for (const name of stopped) {
    await runProduct(context, ['openshell', 'sandbox', 'start', name]);
    await untilHealthy(context, name, agentOf(context));
  }
  return ended;
};
