// What is observed of plugins in their sandbox: renames by the system call alone, installed trees by their
// digests, and what the agent itself says that it loads.

import type { JsonObject, PackCollector, PackContext } from 'seatrial';
import { execInSandbox, launched, pluginOf, pluginSandbox } from './look-plugins.ts';
import { askGateway, listIn, objectIn, parsed, textIn } from './look-sandbox.ts';

/** Errno of a rename that is taken back, and whether both folders are on one device. */
const renameTold = `my ($from, $to) = @ARGV;
my ($above, $below) = map { m{^(.*)/[^/]*$}; (lstat("$1/."))[0] } ($from, $to);
my $errno = rename($from, $to) ? 0 : $! + 0;
rename($to, $from) if $errno == 0;
print "$errno ", ($above == $below ? 'same' : 'other')`;

const errnoNames: Readonly<Record<string, string>> = { '0': 'done', '18': 'EXDEV' };

const pairs = {
  mount: 'exdev-mount',
  bind: 'exdev-bind',
  lowerLayer: 'exdev-lower',
  landlock: 'exdev-landlock',
  control: 'exdev-control',
} as const;

export const exdevReproduced: PackCollector = {
  after: async (context) => {
    const facts: Record<string, JsonObject> = {};
    for (const [name, fixture] of Object.entries(pairs))
      facts[name] = await renamed(context, fixture);
    return facts;
  },
};

/** Of the pair that stands for them, rules are in force; the others need none. */
async function renamed(context: PackContext, fixture: string): Promise<JsonObject> {
  const { fixtures } = context;
  const { from = '', to = '' } = fixtures[fixture] ?? {};
  const rules = fixture === pairs.landlock ? fixtures['landlock-v1']?.['path'] : '';
  const argv = [...(await launched(context, rules)), 'perl', '-e', renameTold, from, to];
  const { stdout } = await execInSandbox(context, { argv, user: '0:0' });
  const [errno = '', device = ''] = stdout.split(' ');
  return { errno: errnoNames[errno] ?? errno, device };
}

/** Of the tree that is in place for a plugin, of its newer version, and of the one that was there first. */
const digestsTold = `cd /sandbox/.openclaw/extensions
at=$1; if [ -f "$1.ref" ]; then at=$(cat "$1.ref"); fi
digest() {
  if [ -d "$1" ]; then (cd "$1"; find . -type f | sort | xargs sha256sum | sha256sum | cut -c1-64); else echo absent; fi
}
digest "$at"; digest "/opt/plugins/$1"; digest "/opt/installed/$1"`;

async function stateOf(context: PackContext, plugin: string): Promise<JsonObject> {
  const argv = ['sh', '-c', digestsTold, 'digests', plugin];
  const { stdout } = await execInSandbox(context, { argv });
  const [installed = '', source = '', old = ''] = stdout.trim().split('\n');
  const loaded = await loadedBy(context, 'openclaw');
  return { installed, source, old, isLoaded: loaded.includes(plugin) };
}

/** What an agent says that it could run. */
async function loadedBy(context: PackContext, agent: string): Promise<readonly string[]> {
  const { stdout } = await execInSandbox(context, { argv: [agent, 'plugins', 'list'] });
  return listIn(parsed(stdout))
    .map(objectIn)
    .filter(({ isLoaded }) => isLoaded === true)
    .map(({ name }) => textIn(name));
}

/** A manifest names the plugin itself. */
const replaced = (plugin: string): PackCollector => ({
  after: async (context) => ({
    ...(await stateOf(context, pluginOf(context) ?? plugin)),
    exit: context.action.exit,
  }),
});

export const survivesMount = replaced('across-mount');
export const survivesLowerLayer = replaced('lower-layer');
export const survivesLandlock = replaced('under-rules');

export const persists: PackCollector = {
  before: (context) => stateOf(context, pluginOf(context) ?? 'across-mount'),
  ...replaced('across-mount'),
};

export const oldBuildFails: PackCollector = {
  after: async (context) => {
    const agent = '/opt/openclaw-old/openclaw';
    const told = await execInSandbox(context, { argv: [agent, '--version'] });
    const { exit, stderr } = context.action;
    return {
      version: /\s(\d+(?:\.\d+){2})\b/.exec(told.stdout)?.[1] ?? '',
      saysExdev: stderr.includes('EXDEV'),
      loaded: (await loadedBy(context, agent)).length,
      exit,
    };
  },
};

/** Killed at each step, each time over a plugin of its own: the old tree or the new one, whole. */
export const replacementAtomic: PackCollector = {
  after: async (context) => {
    const facts: Record<string, JsonObject> = {};
    for (const plugin of ['kill-first', 'kill-second', 'kill-third']) {
      const { installed, source, old, isLoaded } = await stateOf(context, plugin);
      const isWhole = installed !== 'absent' && (installed === source || installed === old);
      facts[plugin] = { isWhole, isLoaded: isLoaded ?? false };
    }
    return { ...facts, exit: context.action.exit };
  },
};

/** Asked of the gateway itself, not of what set it. */
export const devPolicyLive: PackCollector = {
  after: async (context) => {
    const told = await askGateway(context, 'policy.get', { name: pluginSandbox(context) });
    return { paths: objectIn(objectIn(objectIn(told)['body'])['filesystem_policy']) };
  },
};
