// A published release is used by its owner and replaced by its successor, in namespaces of its own: a network that has
// nothing but its loopback, and processes that all end with the first.

import type { JsonObject, PackAction, PackContext } from 'seatrial';
import { agentHome, agentProgram, conversation, toldFile } from '../checks/real-upgrade.ts';
import { readyLine, readyWithinS, withLoopback } from './real-gateway.ts';

const textOf = (inputs: JsonObject, name: string): string => {
  const value = inputs[name];
  return typeof value === 'string' ? value : '';
};

/** A host that is busy may take minutes to answer; the operation has its own limit. */
const callTimeoutMs = 600_000;
const timeout = `--timeout ${String(callTimeoutMs)}`;

const call = (method: string, params: JsonObject): string =>
  `asked gateway call ${method} --params '${JSON.stringify(params)}' --json ${timeout}`;

/** What an owner leaves in an agent that has no model to talk to: a choice, an appointment, a conversation. */
const seeding = (nonce: string): string =>
  [
    `asked cron add --name kept --cron '0 4 * * *' --session isolated --message 'say ${nonce}' --no-deliver --json ${timeout}`,
    call('sessions.create', { key: conversation }),
    call('chat.inject', { sessionKey: conversation, message: `${nonce} was said before` }),
  ]
    .map((line) => `${line} >> "$home/seeded"`)
    .join('\n');

const connectTries = 120;

/** Arguments: launcher, home, program, file for what the agent tells, folder of the release. */
const script = (before: string, seed: string): string => `set -eu
launcher=$1 home=$2 program=$3 told=$4
mkdir -p "$home/tmp"
agent() { "$launcher" --write "$home" --write /dev/null "$program" "$@"; }
# A gateway that is busy starting hangs up before it is asked anything; then, and only then, it is asked again.
asked() {
  tries=0
  until agent "$@" > "$home/answer" 2> "$home/problem"; do
    tries=$((tries + 1))
    if [ "$tries" -gt ${String(connectTries)} ] || ! grep -q 'gateway connect failed' "$home/problem"; then
      cat "$home/problem" >&2
      return 1
    fi
    sleep 1
  done
  cat "$home/answer"
}
perl -e '${withLoopback}' /bin/true
${before}
: > "$home/said"
agent gateway run --allow-unconfigured --bind loopback > "$home/said" 2>&1 &
gateway=$!
left=$((${String(readyWithinS)} * 5))
until grep -Eq '${readyLine}' "$home/said"; do
  left=$((left - 1))
  if [ "$left" -le 0 ] || ! kill -0 "$gateway"; then cat "$home/said" >&2; exit 1; fi
  sleep 0.2
done
${seed}
{
  printf '{"jobs":'
  asked cron list --json ${timeout}
  printf ',"conversation":'
  ${call('chat.history', { sessionKey: conversation })}
  printf '}'
} > "$told"
cat "$told"
kill "$gateway"
wait "$gateway" || true`;

const operationWithinMs = 1_200_000;

function run(
  context: PackContext & { readonly with: JsonObject },
  { before, seed, told }: { readonly before: string; readonly seed: string; readonly told: string },
) {
  const { ports, product, home: user, with: inputs } = context;
  // As an installation does: one command, and behind it the release of the moment.
  const place = `mkdir -p "$(dirname "$3")" && ln -sfn "$5/openclaw" "$3"`;
  const home =
    textOf(inputs, 'home') === '' ? agentHome(context) : `${user}/${textOf(inputs, 'home')}`;
  return ports.run({
    argv: [
      ...(['unshare', '--net', '--pid', '--fork', '--kill-child', '--'] as const),
      ...(['/bin/sh', '-c', `${place}\n${script(before, seed)}`, 'agent'] as const),
      ...[textOf(inputs, 'launcher'), home, agentProgram(context), told],
      `${product}/${textOf(inputs, 'release')}`,
    ],
    env: { HOME: home, TMPDIR: `${home}/tmp`, npm_config_offline: 'true' },
    timeoutMs: operationWithinMs,
  });
}

/** `with: {release, launcher}`: installs it, and has its owner use it. */
export const useAgent: PackAction = (context) =>
  run(context, {
    before: 'agent config set agents.defaults.model.primary fake/kept-1 > "$home/seeded"',
    seed: seeding(context.nonce),
    told: toldFile(context, 'old'),
  });

/** `with: {release, launcher, home?}`: another release behind the same command, on the home that is there. */
export const replaceAgent: PackAction = (context) =>
  run(context, { before: ':', seed: ':', told: toldFile(context, 'new') });
