// What is observed of the root entrypoint, in containers with homes of every kind.

import type { JsonObject, PackCollector, PackContext } from 'seatrial';
import { containerOf, namedIn, objectIn, stateOf, textIn, told } from './look-inside.ts';
import { entrypointOf } from './product-commands.ts';

const clean = 'hermes-clean';
const legacy = 'hermes-legacy';
const hostile = 'hermes-hostile';
const twice = 'hermes-twice';
const home = '/sandbox/.hermes';
const gateway = '997';
const absent = 'absent';
const folders = 'hooks image_cache audio_cache logs/curator';

const ask = (path: string): string => `wget -q -O - http://127.0.0.1:8642/${path}`;

/** The agent itself is asked, at its own port inside. */
async function asked(context: PackContext, fixture: string, path: string): Promise<JsonObject> {
  if (!(await stateOf(context, fixture)).isRunning) return {};
  const container = containerOf(context, fixture);
  const argv = ['/bin/sh', '-c', ask(path)] as const;
  const { stdout } = await context.ports.sandbox.exec(container, { argv: [...argv] });
  try {
    return objectIn(JSON.parse(stdout));
  } catch {
    return {};
  }
}

/** Before anything is started: what the image brought. */
export const present: PackCollector = {
  after: async (context) => {
    const script = [
      'echo "gateway: $(grep -c "^gateway:[^:]*:997:997:" /etc/passwd)"',
      'echo "agent: $(sha256sum < /opt/agent/build.json | cut -d" " -f1)"',
    ].join('\n');
    const inside = namedIn(await told(context, clean, { script }));
    const start = await entrypointOf(context, containerOf(context, clean));
    const { ports, product } = context;
    const source = await ports.state.read(`${product}/blueprint/images/start.sh`);
    const agent = await ports.state.read(`${product}/agents/hermes/build.json`);
    return {
      entrypoint: start.sha256 === '' ? absent : start.sha256,
      executable: start.isExecutable ? 'yes' : 'no',
      gateway: inside['gateway'] ?? absent,
      agent: inside['agent'] ?? absent,
      source: { entrypoint: source.sha256 ?? absent, agent: agent.sha256 ?? absent },
    };
  },
};

export const gatewayUser: PackCollector = {
  after: async (context) => {
    const { pid } = await asked(context, clean, 'status');
    const script = `grep -E '^(Uid|Gid):' /proc/${textIn(pid)}/status | tr '\\t' ' '`;
    const ids = namedIn(await told(context, clean, { script }));
    return { uids: ids['Uid'] ?? absent, gids: ids['Gid'] ?? absent };
  },
};

export const health: PackCollector = {
  after: async (context) => ({
    answer: { asked: 'health', ...(await asked(context, clean, 'health')) },
  }),
};

export const dirsWritable: PackCollector = {
  after: async (context) => {
    const script = `cd ${home} && for each in ${folders}; do if touch $each/.probe; then echo $each; rm $each/.probe; fi; done`;
    const written = (await told(context, clean, { script, user: gateway })).split('\n');
    return { written: ['none', ...written.filter((each) => each !== '')] };
  },
};

export const homeMode: PackCollector = {
  after: async (context) => {
    const {
      mode = absent,
      gid = -1,
      uid = -1,
    } = await context.ports.sandbox.read(containerOf(context, clean), home);
    return { mode, gid, uid, isRunning: (await stateOf(context, clean)).isRunning };
  },
};

/** As the gateway; what succeeds is put back by root, so that what follows is not spoiled. */
export const configUndeletable: PackCollector = {
  after: async (context) => {
    const tried = (name: string, command: string): string =>
      `if ${command} 2> /dev/null; then echo "${name}: done"; else echo "${name}: refused"; fi`;
    const keep = `cp -p ${home}/config.json /run/config.kept; sha256sum < ${home}/config.json`;
    const before = await told(context, clean, { script: keep });
    const rename = tried('rename', `mv -f ${home}/config.json ${home}/moved`);
    const moved = namedIn(await told(context, clean, { script: rename, user: gateway }));
    const back = `if [ ! -e ${home}/config.json ]; then cp -p /run/config.kept ${home}/config.json; fi; rm -f ${home}/moved`;
    await told(context, clean, { script: back });
    const unlink = tried('unlink', `rm ${home}/config.json < /dev/null`);
    const removed = namedIn(await told(context, clean, { script: unlink, user: gateway }));
    const after = await told(context, clean, {
      script: `${back}; sha256sum < ${home}/config.json`,
    });
    return {
      ...{ rename: moved['rename'] ?? absent, unlink: removed['unlink'] ?? absent },
      ...{ before, after },
    };
  },
};

export const pidRegularFile: PackCollector = {
  after: async (context) => {
    const script = `stat -c 'kind: %F' ${home}/hermes.pid; echo "pid: $(cat ${home}/hermes.pid)"`;
    const file = namedIn(await told(context, clean, { script }));
    const { pid } = await asked(context, clean, 'status');
    return { kind: file['kind'] ?? absent, pid: file['pid'] ?? absent, answers: textIn(pid) };
  },
};

/** What an old release left, and whether the log tells of each repair. */
export const legacyRepaired: PackCollector = {
  after: async (context) => {
    const kinds = ['hermes.pid', 'gateway.lock', 'runtime/hermes.pid'].map(
      (name) => `echo "${name}: $(stat -c %F ${home}/${name} 2> /dev/null || echo absent)"`,
    );
    const modes = ['logs', 'hooks', 'audio_cache'].map(
      (name) => `echo "${name}: $(stat -c %a ${home}/${name} 2> /dev/null || echo absent)"`,
    );
    const script = [...kinds, ...modes].join('\n');
    const { text = '' } = await context.ports.sandbox.read(
      containerOf(context, legacy),
      '/run/start.log',
    );
    const { status = absent } = await asked(context, legacy, 'health');
    return {
      found: { none: 'none', ...namedIn(await told(context, legacy, { script })) },
      repaired: ['none', ...[...text.matchAll(/repaired: (\S+)/g)].map(([, name = '']) => name)],
      status,
    };
  },
};

/** Whatever a link led to: digest, mode and owner now, and as they were noted before the start. */
async function outside(context: PackContext, fixture: string): Promise<JsonObject> {
  const container = containerOf(context, fixture);
  const { read } = context.ports.sandbox;
  const facts = ['/outside', '/outside/file'].map(async (path) => {
    const { kind, sha256 = 'folder', mode = '', uid = -1, gid = -1 } = await read(container, path);
    return [path, `${kind} ${sha256} ${mode} ${String(uid)} ${String(gid)}`] as const;
  });
  const noted = await read(container, '/run/outside.before');
  const { isRunning, exit } = await stateOf(context, fixture);
  return {
    now: Object.fromEntries(await Promise.all(facts)),
    noted: namedIn(noted.text ?? ''),
    exit: isRunning ? 'running' : String(exit),
  };
}

export const linksRefused: PackCollector = {
  after: async (context) => ({
    symlink: await outside(context, 'hermes-symlink'),
    hardlink: await outside(context, 'hermes-hardlink'),
  }),
};

export const hostileEnvIgnored: PackCollector = {
  after: async (context) => {
    const script = [
      'echo "ran: $(ls /tmp | grep -c "^ran-")"',
      'echo "environment: $(tr "\\0" "\\n" < /proc/1/environ | grep -c evil)"',
      'echo "libraries: $(grep -c evil /proc/1/maps)"',
    ].join('\n');
    const inside = namedIn(await told(context, hostile, { script }));
    const { env } = await stateOf(context, hostile);
    const { status = absent } = await asked(context, hostile, 'health');
    return {
      planted: env
        .filter((each) => each.includes('evil'))
        .map((each) => each.split('=', 1)[0] ?? ''),
      ran: inside['ran'] ?? absent,
      environment: inside['environment'] ?? absent,
      libraries: inside['libraries'] ?? absent,
      status,
    };
  },
};

/** Two starts at once: how each ended, what the loser said, and how many gateways there are. */
export const pidRaceClean: PackCollector = {
  after: async (context) => {
    const script = [
      'for each in first second; do',
      '  echo "$each: $(cat /run/starts/$each/exit 2> /dev/null || echo running)"',
      'done',
      'echo "said: $(cat /run/starts/first/log /run/starts/second/log | grep -c "a gateway runs already")"',
      'echo "gateways: $(cat /proc/[0-9]*/cmdline 2> /dev/null | tr "\\0" "\\n" | grep -c "^gateway$")"',
    ].join('\n');
    const inside = namedIn(await told(context, twice, { script }));
    const { status = absent } = await asked(context, twice, 'health');
    return {
      ends: [inside['first'] ?? absent, inside['second'] ?? absent],
      ...{ said: inside['said'] ?? absent, gateways: inside['gateways'] ?? absent, status },
    };
  },
};
