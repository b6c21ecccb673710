import { docker, lastLine } from '../shared/docker.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { warn } from '../shared/program.ts';

export type Snapshotter = 'fuse-overlayfs' | 'native';

type Info = {
  readonly Driver?: string;
  readonly DriverStatus?: readonly (readonly [string, string])[];
};

export type Condition = { readonly driver: string; readonly isAffected: boolean };

/** Asked once: an engine that keeps its images in a containerd snapshotter cannot nest another overlay. */
export async function askCondition(): Promise<Condition> {
  const { code, stdout, stderr } = await docker(['info', '--format', '{{json .}}']);
  if (code !== 0) throw new Failure(1, `the engine does not answer: ${lastLine(stderr)}`);
  const { Driver: driver = '', DriverStatus: status = [] } = JSON.parse(stdout) as Info;
  const isContainerd = status.some(([, value]) => value.startsWith('io.containerd.snapshotter'));
  const isAffected = driver === 'overlayfs' && isContainerd && process.platform === 'linux';
  if (mutant('overlay.never-detect')) return { driver, isAffected: false };
  return { driver, isAffected: isAffected || mutant('overlay.always-patch') };
}

export function chosenSnapshotter(env: NodeJS.ProcessEnv): Snapshotter {
  const asked = env['NEMOCLAW_OVERLAY_SNAPSHOTTER'] ?? 'fuse-overlayfs';
  if (asked === 'native' || asked === 'fuse-overlayfs') return asked;
  if (mutant('overlay.accept-any')) return asked as Snapshotter;
  warn(`NEMOCLAW_OVERLAY_SNAPSHOTTER is ${asked}, which is no snapshotter; taking fuse-overlayfs`);
  return 'fuse-overlayfs';
}
