// A hook of a change that nobody read, in the sandbox: it reaches the app and nothing else. It has no channel,
// since what comes by that goes into the app's environment and into what is masked.

import type { HookRun } from '../ports/app-driver.ts';
import type { JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { HookName } from '../scenario/manifest.ts';
import { describeHook, endedHook } from './hook-result.ts';
import type { Session } from './session.ts';

type Enclosed = {
  readonly hook: HookName;
  readonly argv: readonly [string, ...string[]];
  /** It is Python, of which the sandbox is shown what it is made of. */
  readonly python: boolean;
  readonly sha256: string;
};

type Moment = {
  readonly operation: string;
  readonly stage: string;
  readonly signal: AbortSignal;
};

/** Of its output, as of any hook's. */
const outputMax = 64 * 1024;

/** Throws `unavailable` where there is no sandbox, and `hook-failed` after recording what it did. */
export async function runEnclosed(
  session: Session,
  { hook, argv, python, sha256 }: Enclosed,
  moment: Moment,
): Promise<HookRun> {
  const { world, recorder, secrets, work, localFolder, manifest, plan } = session;
  const { program, readOnly } = await programFor(session, argv[0], python);
  const results = `${work}/results-of-${hook}`;
  // Asked again and again, `ready` finds it as it was left.
  await world.files.remove(results);
  await world.files.makeDirectory(results);
  const { env, url } = placesFor(session, moment);
  const { flooded, ...result } = await world.sandbox.run({
    argv: [program, ...argv.slice(1)],
    cwd: localFolder,
    readOnly: [localFolder, ...readOnly],
    results,
    env: { ...env, SEATRIAL_RESULTS: results },
    timeoutMs: manifest.timeouts.hook * 1000,
    signal: moment.signal,
    ...(url === undefined ? {} : { url }),
  });
  const [stdout, stderr] = [
    result.stdout.subarray(0, outputMax),
    result.stderr.subarray(0, outputMax),
  ];
  const run = describeHook(hook, { ...result, stdout, stderr }, secrets);
  const sandbox = await world.sandbox.state();
  const under = { authority: 'sandboxed', sha256, local: plan.local?.digest ?? '', sandbox };
  const record = { ...run, flooded, ...under } as unknown as JsonObject;
  await recorder.observe(moment.operation, `hook-${hook}`, record);
  if (flooded)
    throw new WorldError('hook-failed', `hook ${hook} wrote more than it may and was ended`);
  return endedHook(run);
}

/** Where it lies, and what it is made of; the search path of a sandbox is not that of the host. */
async function programFor(
  { world, localFolder }: Session,
  named: string,
  python: boolean,
): Promise<{ readonly program: string; readonly readOnly: readonly string[] }> {
  if (named.includes('/')) return { program: `${localFolder}/${named}`, readOnly: [] };
  const program = await world.processes.find(named);
  const found = python ? await world.sandbox.python() : program && { program, readOnly: [] };
  if (!found) throw new WorldError('unavailable', `${named} is not here, which a hook needs`);
  return found;
}

/** What it is told, and the one address that it reaches. */
function placesFor({ world, memory, plan }: Session, { operation, stage }: Moment) {
  const url = memory.deployment?.url();
  const domain = memory.deployment?.domain?.();
  return {
    url,
    env: {
      LANG: 'C.UTF-8',
      SEATRIAL_APP: plan.app,
      SEATRIAL_OPERATION: operation,
      SEATRIAL_STAGE: stage,
      ...(url === undefined ? {} : { SEATRIAL_BASE_URL: world.sandbox.addressOf(url) }),
      ...(domain === undefined ? {} : { SEATRIAL_DOMAIN: domain }),
    },
  };
}
