// Starts a published release under a launcher, in namespaces of its own: a network that has nothing but
// its loopback, and processes that all end with the first.

import type { JsonObject, PackAction } from 'seatrial';

const textOf = (inputs: JsonObject, name: string): string => {
  const value = inputs[name];
  return typeof value === 'string' ? value : '';
};

/** Brings up the loopback of a fresh network namespace, and becomes the program. */
export const withLoopback = `socket(my $socket, 2, 2, 0) or die "socket: $!";
my $request = pack(q(a16s), q(lo), 1);
ioctl($socket, 0x8914, $request) or die "lo: $!";
exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!";`;

/** Releases say it in two ways, and name the plugins there. */
export const readyLine = String.raw`\[gateway\] (ready|http server listening) \(`;

export const readyWithinS = 180;

/**
 * Arguments: launcher, home, program. Waits until the gateway is ready or has ended, prints what it said, and
 * ends; with 1 when it did not become ready in time.
 */
const script = `launcher=$1 home=$2 program=$3
mkdir -p "$home/tmp"
( perl -e '${withLoopback}' "$launcher" --write "$home" --write /dev/null "$program" \\
    gateway run --allow-unconfigured --bind loopback > "$home/said" 2>&1
  : > "$home/ended" ) &
left=$((${String(readyWithinS)} * 5))
while [ "$left" -gt 0 ] && [ ! -e "$home/ended" ] && ! grep -Eq '${readyLine}' "$home/said" 2> /dev/null; do
  sleep 0.2
  left=$((left - 1))
done
cat "$home/said"
grep -Eq '${readyLine}' "$home/said"`;

/** `with: {release, launcher, home}`: the folder of the release, and a home of this start alone. */
export const runGateway: PackAction = ({ product, home: user, ports, with: inputs }) => {
  const home = `${user}/${textOf(inputs, 'home')}`;
  const program = `${product}/${textOf(inputs, 'release')}/openclaw`;
  return ports.run({
    argv: [
      ...(['unshare', '--net', '--pid', '--fork', '--kill-child', '--'] as const),
      ...['/bin/sh', '-c', script, 'gateway', textOf(inputs, 'launcher'), home, program],
    ],
    env: {
      ...{ HOME: home, TMPDIR: `${home}/tmp` },
      // Plugins that fetch packages are not judged; without a network each would try for a minute.
      npm_config_offline: 'true',
    },
    timeoutMs: (readyWithinS + 20) * 1000,
  });
};
