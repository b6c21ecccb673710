// Operations on a machine whose gateway is of the release before: its own installer makes it, a sandbox lives behind it,
// and this release's installer replaces it.

import type { JsonObject, PackAction } from 'seatrial';
import { gatewayFolder, programFolder } from '../checks/look-gateway.ts';
import { listIn, objectIn, textIn } from '../checks/look-sandbox.ts';
import { runProduct, seedSandbox, type Ended, type Input } from './sandboxes.ts';

const systemPath = ['/usr/local/bin', '/usr/bin', '/bin'];

/** `with: {stubs?}`: the user's own programs, and nothing of the product that is being tried. */
const pathOf = (context: Input): string =>
  [textIn(context.with['stubs']), programFolder(context), ...systemPath]
    .filter((folder) => folder !== '')
    .join(':');

/** `with: {host, stubs, pin?}`. */
const installerEnvironment = (context: Input): Readonly<Record<string, string>> => {
  const pin = textIn(context.with['pin']);
  const bounds = ['MIN', 'MAX', 'PIN'].map((name) => [`NEMOCLAW_OPENSHELL_${name}_VERSION`, pin]);
  return {
    PATH: pathOf(context),
    SEATRIAL_RELEASE_HOST: textIn(context.with['host']),
    ...(pin === '' ? {} : (Object.fromEntries(bounds) as Record<string, string>)),
  };
};

export const installOld: PackAction = (context) =>
  runProduct(
    context,
    [`${context.product}/releases/nemoclaw-old/nemoclaw-install`],
    installerEnvironment(context),
  );

/** As the release before onboards, on the fixture's image; then its owner uses it. */
export const deploySurvivor: PackAction = async (context) => {
  const { name, fixtures } = context;
  const onboarding = objectIn(objectIn(context.manifest?.['spec'])['onboarding']);
  const base = fixtures['old-openclaw-image']?.['image'] ?? '';
  const made = await runProduct(
    context,
    ['nemoclaw', 'onboard', '--non-interactive', '--name', name, '--base', base],
    { PATH: pathOf(context), ...wishes(onboarding) },
  );
  return made.exit === 0 ? seedSandbox(context, name) : made;
};

const wishes = (onboarding: JsonObject): Readonly<Record<string, string>> => ({
  NEMOCLAW_MODEL: textIn(onboarding['model']),
  NEMOCLAW_PROVIDER: textIn(onboarding['provider']),
  NEMOCLAW_POLICY_PRESETS: listIn(onboarding['policyPresets']).map(textIn).join(','),
  NEMOCLAW_POLICY_TIER: textIn(onboarding['policyTier']),
});

/** `with: {consent?, obstacle?}`: with an obstacle the new release cannot write its state. */
export const upgradeGateway: PackAction = async (context) => {
  const { with: inputs } = context;
  const consent = { NEMOCLAW_ACCEPT_EXPERIMENTAL_OPENSHELL_UPGRADE: '1' };
  const upgrade = (): Promise<Ended> =>
    runProduct(context, [`${context.product}/nemoclaw-install`], {
      ...installerEnvironment(context),
      ...(inputs['consent'] === true ? consent : {}),
    });
  return inputs['obstacle'] === true ? withObstacle(context, upgrade) : upgrade();
};

/** A file where the new schema has a folder; it was never the product's, so it goes again. */
async function withObstacle(context: Input, work: () => Promise<Ended>): Promise<Ended> {
  const argv = (script: string) =>
    ['/bin/sh', '-euc', script, `${gatewayFolder(context)}/policies`] as const;
  const put = await context.ports.run({ argv: argv('echo "in the way" > "$0"') });
  if (put.exit !== 0) return put;
  const ended = await work();
  const taken = await context.ports.run({ argv: argv('rm -f "$0"') });
  return taken.exit === 0 ? ended : taken;
}
