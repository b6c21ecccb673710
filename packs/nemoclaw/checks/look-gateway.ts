// Looks at the process that is the gateway: what answers on its socket, and which program it runs.

import type { JsonObject, PackContext } from 'seatrial';
import { askGateway, objectIn, textIn } from './look-sandbox.ts';

export const gatewayFolder = ({ home }: Pick<PackContext, 'home'>): string =>
  `${home}/.local/state/nemoclaw/openshell-docker-gateway`;

/** Where the installer puts programs of a user who has none. */
export const programFolder = ({ home }: Pick<PackContext, 'home'>): string => `${home}/.local/bin`;

/** Stands where nothing runs or answers, so that nothing is compared with nothing. */
export const none = 'none';

export type GatewayLook = {
  /** As it tells on its socket. */
  readonly version: string;
  readonly schema: number;
  /** Of the pid file, with the moment of its start in ticks since boot. */
  readonly process: string;
  /** SHA-256 of the program that its command line names. */
  readonly executable: string;
  /** Whether the one that answers is the one of the pid file. */
  readonly isSame: boolean;
};

/** A gateway that does not answer is an answer too. */
export async function answers(
  context: Pick<PackContext, 'ports'>,
  call: string,
  args: JsonObject = {},
): Promise<JsonObject> {
  try {
    return objectIn(await askGateway(context, call, args));
  } catch {
    return {};
  }
}

export async function lookAtGateway(context: PackContext): Promise<GatewayLook> {
  const { version = none, schema, pid } = await answers(context, 'status');
  const kept = await keptPid(context);
  const { started, program } = await processOf(context, kept);
  return {
    version: textIn(version),
    schema: typeof schema === 'number' ? schema : 0,
    process: started === '' ? none : `${kept} ${started}`,
    executable: program === '' ? none : await digestOf(context, program),
    isSame: kept !== '' && pid === Number(kept),
  };
}

async function keptPid(context: PackContext): Promise<string> {
  const path = `${gatewayFolder(context)}/openshell-gateway.pid`;
  const { text = '' } = await context.ports.state.read(path);
  return text.trim();
}

const digestOf = async ({ ports }: PackContext, path: string): Promise<string> =>
  (await ports.state.read(path)).sha256 ?? none;

/** Start and program, of a script the script; both empty when there is no such process. */
async function processOf(
  { ports }: PackContext,
  pid: string,
): Promise<{ readonly started: string; readonly program: string }> {
  if (!/^[1-9]\d*$/.test(pid)) return { started: '', program: '' };
  // The name of a process may hold spaces and brackets, so fields are counted behind its last bracket.
  const script =
    'sed "s/.*) //" "/proc/$0/stat" | cut -d" " -f20; tr "\\0" "\\n" < "/proc/$0/cmdline" | sed -n 2p';
  const { stdout } = await ports.run({ argv: ['/bin/sh', '-c', script, pid] });
  const [started = '', program = ''] = stdout.split('\n');
  return { started, program };
}
