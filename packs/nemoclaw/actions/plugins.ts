// Operations of the scenarios about plugins: bare renames, installations under every cause, and a restart.

import type { PackAction } from 'seatrial';
import {
  execInSandbox,
  fixtureIn,
  launched,
  pluginOf,
  pluginSandbox,
} from '../checks/look-plugins.ts';
import { textIn } from '../checks/look-sandbox.ts';

/** The system call alone: a command would copy where it fails. */
const renameOnce = 'rename($ARGV[0], $ARGV[1]) ? rename($ARGV[1], $ARGV[0]) : print "$!\\n"';

/** `with: {fixture, launcher?}`: what stands in the way of the fixture's pair is said on standard output. */
export const renamePair: PackAction = async (context) => {
  const { from = '', to = '' } = fixtureIn(context, context.with);
  const before = await launched(context, context.with['launcher']);
  const argv = [...before, 'perl', '-e', renameOnce, from, to];
  return execInSandbox(context, { argv, user: '0:0' });
};

/** `with: {plugin, agent?, launcher?, temporary?, crash?}`: installs the newer version over what is there. */
export const installPlugin: PackAction = async (context) => {
  const { with: inputs } = context;
  const before = await launched(context, inputs['launcher']);
  const agent = textIn(inputs['agent']) === 'old' ? '/opt/openclaw-old/openclaw' : 'openclaw';
  const source = `/opt/plugins/${textIn(inputs['plugin'])}`;
  const [temporary, crash] = [textIn(inputs['temporary']), textIn(inputs['crash'])];
  return execInSandbox(context, {
    argv: [...before, agent, 'plugins', 'install', source, '--force'],
    env: {
      ...(temporary === '' ? {} : { TMPDIR: temporary }),
      ...(crash === '' ? {} : { NEMOCLAW_REF_CRASH_AT: crash }),
    },
  });
};

/** Argument: the plugin's name. Two versions of it, as whoever onboarded would bring them in. */
const bothVersions = `set -eu
for state in installed plugins; do
  mkdir -p "/opt/$state/$1"
  printf '{"name": "%s"}\n' "$1" > "/opt/$state/$1/plugin.json"
  printf '// %s %s\n' "$state" "$1" > "/opt/$state/$1/index.js"
done`;

/**
 * `with: {launcher, newer?}`: the plugin that the manifest names, first in its older version, and then under the
 * launcher in its newer one; `newer: false` installs the older one again.
 */
export const replacePlugin: PackAction = async (context) => {
  const name = pluginOf(context) ?? '';
  const made = await execInSandbox(context, {
    argv: ['sh', '-c', bothVersions, 'versions', name],
    user: '0:0',
  });
  if (made.exit !== 0) return made;
  const install = ['openclaw', 'plugins', 'install'];
  const first = await execInSandbox(context, { argv: [...install, `/opt/installed/${name}`] });
  if (first.exit !== 0) return first;
  const before = await launched(context, context.with['launcher']);
  const source = context.with['newer'] === false ? 'installed' : 'plugins';
  return execInSandbox(context, {
    argv: [...before, ...install, `/opt/${source}/${name}`, '--force'],
  });
};

export const restartSandbox: PackAction = (context) =>
  context.ports.run({
    argv: ['openshell', 'sandbox', 'restart', pluginSandbox(context)],
    timeoutMs: 120_000,
  });
