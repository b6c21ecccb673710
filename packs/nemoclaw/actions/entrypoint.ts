// Operations of the entrypoint's scenarios: starts inside containers that fixtures made. A container waits for
// `/run/prepared`, which its own first process writes, and one that runs the entrypoint itself for `/run/go`.

import type { JsonObject, PackAction, PackContext, PackResult } from 'seatrial';
import { containerOf, objectIn, stateOf, textIn } from '../checks/look-inside.ts';

const textOf = (inputs: JsonObject, name: string): string => {
  const value = inputs[name];
  return typeof value === 'string' ? value : '';
};

const startTimeoutMs = 100_000;

/** A planted fault reaches a container as it reaches a sandbox: by two variables and a file. */
const allowFault =
  'mkdir -p /run/openshell && if [ -n "${NEMOCLAW_REF_NONCE-}" ]; then printf %s "$NEMOCLAW_REF_NONCE" > /run/openshell/.seatrial-canary; fi';

const untilPrepared = 'until [ -e /run/prepared ]; do sleep 0.05; done';

/** Through the engine's client, whose environment has the planted fault, if there is one. */
function execute(
  { ports }: PackContext,
  container: string,
  {
    script,
    env = {},
  }: { readonly script: string; readonly env?: Readonly<Record<string, string>> },
): Promise<PackResult> {
  const given = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const variables = ['NEMOCLAW_REF_MUTANT', 'NEMOCLAW_REF_NONCE', ...given];
  return ports.run({
    argv: [
      'docker',
      'exec',
      ...variables.flatMap((each) => ['--env', each]),
      ...['--user', '0', container, '/bin/sh', '-c', script],
    ],
    timeoutMs: startTimeoutMs,
  });
}

/**
 * One start to its end or until the gateway answers, which is then ended. What came of it stays in `/run/starts/<as>`:
 * `outcome` (`up`, or the exit status), `log`, and copies of the files that the entrypoint writes.
 */
const startScript = (as: string): string => `
${untilPrepared}
${allowFault}
out=/run/starts/${as}; mkdir -p $out
( /bin/sh -c 'echo $$ > '$out'/pid; exec /usr/local/bin/nemoclaw-start' > $out/log 2>&1; echo $? > $out/ended; mv $out/ended $out/exit ) &
until [ -e $out/exit ]; do
  if wget -q -O /dev/null http://127.0.0.1:18789/health 2> /dev/null; then echo up > $out/outcome; break; fi
  sleep 0.05
done
for file in openclaw.json .config-hash .overrides.json; do
  if [ -f /sandbox/.openclaw/$file ]; then cp /sandbox/.openclaw/$file $out/; fi
done
if [ -e $out/outcome ]; then
  kill -TERM $(cat $out/pid); until [ -e $out/exit ]; do sleep 0.05; done
else cp $out/exit $out/outcome; fi
cat $out/log
outcome=$(cat $out/outcome)
`;

/** Ends with 0 for a gateway that came up, else as the entrypoint did. */
const wantedUp = 'if [ "$outcome" = up ]; then exit 0; fi; exit "$outcome"';

/** The same the other way round: a gateway that should have been refused gives a status that no refusal has. */
const wantedRefused = 'if [ "$outcome" = up ]; then exit 99; fi; exit "$outcome"';

/** `with: {fixture, as, env?, wanted: up or refused}`. */
export const startEntrypoint: PackAction = (context) => {
  const { with: inputs } = context;
  const end = textOf(inputs, 'wanted') === 'refused' ? wantedRefused : wantedUp;
  return execute(context, containerOf(context, textOf(inputs, 'fixture')), {
    script: `${startScript(textOf(inputs, 'as'))}${end}`,
    env: objectIn(inputs['env']) as Readonly<Record<string, string>>,
  });
};

/**
 * `with: {fixture, cases: {<name>: script}}`: a start for each, after its script has changed the home. Ends with the
 * status of the last that was refused, 99 when one was not.
 */
export const startEntrypointCases: PackAction = async (context) => {
  const { with: inputs } = context;
  const container = containerOf(context, textOf(inputs, 'fixture'));
  let status: number | undefined = 0;
  const logs: string[] = [];
  for (const [as, prepare] of Object.entries(objectIn(inputs['cases']))) {
    const script = `${untilPrepared}\n${textIn(prepare)}\n${startScript(as)}${wantedRefused}`;
    const result = await execute(context, container, {
      script,
      env: objectIn(inputs['env']) as Readonly<Record<string, string>>,
    });
    logs.push(result.stdout, result.stderr);
    if (status !== 99) status = result.exit;
  }
  return { exit: status, stdout: logs.join('') };
};

const pollMs = 100;
const tries = 600;

/**
 * `with: {fixture, port}`: lets a container whose first process waits go on with the entrypoint, until the gateway
 * answers or the container has ended. Both are ends of a start: which one it was, the checks ask.
 */
export const releaseEntrypoint: PackAction = async (context) => {
  const { with: inputs } = context;
  const fixture = textOf(inputs, 'fixture');
  const container = containerOf(context, fixture);
  const fault =
    'if [ -n "${NEMOCLAW_REF_MUTANT-}" ]; then echo "export NEMOCLAW_REF_MUTANT=$NEMOCLAW_REF_MUTANT NEMOCLAW_REF_NONCE=$NEMOCLAW_REF_NONCE"; fi > /run/go.new';
  const go = `${untilPrepared}; ${allowFault}; ${fault}; mv /run/go.new /run/go`;
  const released = await execute(context, container, { script: go });
  if (released.exit !== 0) return released;
  const port = textIn(inputs['port']);
  const ask = `wget -q -O /dev/null http://127.0.0.1:${port}/health`;
  for (let tried = 0; tried < tries; tried += 1) {
    if (!(await stateOf(context, fixture)).isRunning) return { exit: 0, stdout: 'it ended\n' };
    const { exit } = await execute(context, container, { script: ask });
    if (exit === 0) return { exit: 0, stdout: 'it answers\n' };
    await context.sleep(pollMs);
  }
  return { exit: 1, stderr: `${container} neither ended nor answers` };
};

/**
 * `with: {fixture}`: two starts that wait for one another, where an earlier one left its pid file. Both outcomes stay
 * in `/run/starts/first` and `second`, as exit status or `running`.
 */
export const startTwice: PackAction = (context) => {
  const one = (as: string): string =>
    `mkdir -p /run/starts/${as}; ( until [ -e /run/both ]; do :; done; /usr/local/bin/nemoclaw-start > /run/starts/${as}/log 2>&1; echo $? > /run/starts/${as}/ended; mv /run/starts/${as}/ended /run/starts/${as}/exit ) &`;
  const answers = 'wget -q -O /dev/null http://127.0.0.1:8642/health 2> /dev/null';
  const script = [
    ...[untilPrepared, allowFault, one('first'), one('second'), 'touch /run/both'],
    // One has to go and one has to answer; without the second there is nothing to wait for.
    'until [ -e /run/starts/first/exit ] || [ -e /run/starts/second/exit ]; do sleep 0.05; done',
    `until ${answers} || { [ -e /run/starts/first/exit ] && [ -e /run/starts/second/exit ]; }; do sleep 0.05; done`,
  ].join('\n');
  return execute(context, containerOf(context, textOf(context.with, 'fixture')), { script });
};
