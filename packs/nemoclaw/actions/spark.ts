// Operations of the Spark scenario: setup-spark on the run's own engine, with its tools replaced by stubs.

import type { JsonObject, PackAction, PackContext } from 'seatrial';
import { scripts } from '../checks/product-commands.ts';
import { sparkFolder } from '../checks/spark-machine.ts';

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const textOf = (inputs: JsonObject, name: string): string => {
  const value = inputs[name];
  return typeof value === 'string' ? value : '';
};

const script = (context: PackContext, lines: readonly string[]) =>
  context.ports.run({
    argv: ['/bin/sh', '-euc', lines.join('\n')],
    env: { HOME: context.home, PRODUCT: context.product, SPARK: sparkFolder(context) },
  });

/**
 * `with: {config}`: keeps the configuration as it is before anything, makes one that is broken, and a place for
 * another user, who cannot look into the run's own folders.
 */
export const prepareSpark: PackAction = (context) =>
  script(context, [
    'mkdir -p "$SPARK"',
    `cp '${textOf(context.with, 'config')}' "$SPARK/before.json"`,
    `printf '{ "debug": true,' > "$SPARK/broken.json"`,
    'there=$XDG_RUNTIME_DIR/as-user',
    'mkdir -p "$there/bin" "$there/home"',
    'cp "$PRODUCT/setup-spark" "$there/setup-spark"',
    'cp "$SPARK/before.json" "$there/daemon.json"',
    'if [ -f "$HOME/.seatrial-canary" ]; then cp "$HOME/.seatrial-canary" "$there/home/"; fi',
    `for name in pgrep docker; do printf '#!/bin/sh\nexit 1\n' > "$there/bin/$name"; done`,
    `for name in usermod systemctl; do printf '#!/bin/sh\nexit 0\n' > "$there/bin/$name"; done`,
    'chmod 755 "$there"/bin/*',
    `chown -R ${nobody}:${nobody} "$there"`,
    // What lies in it is found by name only.
    'chmod 711 "$XDG_RUNTIME_DIR"',
  ]);

const nobody = '65534';
const pauseMs = '100';

/** As a user who is not root, with a configuration that this user could write. */
export const setupAsUser: PackAction = (context) =>
  script(context, [
    'there=$XDG_RUNTIME_DIR/as-user',
    `export HOME="$there/home" NEMOCLAW_DOCKER_CONFIG="$there/daemon.json" NEMOCLAW_REF_PAUSE_MS=${pauseMs}`,
    'export PATH="$there/bin:/usr/local/bin:/usr/bin:/bin"',
    'cd "$there"',
    `exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups "$there/setup-spark"`,
  ]);

/** `with: {host, config, stubs, user?, reset?}`: `stubs` are folders before the PATH, the first wins. */
export const setupSpark: PackAction = async (context) => {
  const { product, home, ports, with: inputs } = context;
  const config = textOf(inputs, 'config');
  if (inputs['reset'] === true) await script(context, [`cp "$SPARK/before.json" '${config}'`]);
  const stubs = (inputs['stubs'] ?? []) as readonly string[];
  const result = await ports.run({
    argv: [`${product}/${scripts.spark}`],
    cwd: home,
    env: {
      PATH: [...stubs, ...systemPath].join(':'),
      DOCKER_HOST: textOf(inputs, 'host'),
      NEMOCLAW_DOCKER_CONFIG: config,
      NEMOCLAW_REF_PAUSE_MS: pauseMs,
      SUDO_USER: textOf(inputs, 'user') === '' ? 'root' : textOf(inputs, 'user'),
    },
    timeoutMs: 110_000,
  });
  await script(context, [`echo '${String(result.exit ?? 'none')}' >> "$SPARK/exits"`]);
  return result;
};

/** `with: {stubs}`: the installer, on a host that has the pinned openshell. */
export const installCommands: PackAction = ({ product, home, ports, with: inputs }) =>
  ports.run({
    argv: [`${product}/nemoclaw-install`],
    cwd: home,
    env: {
      PATH: [
        ...((inputs['stubs'] ?? []) as readonly string[]),
        `${product}/openshell`,
        ...systemPath,
      ].join(':'),
    },
  });
