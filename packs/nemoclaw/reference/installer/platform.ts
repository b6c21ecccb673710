import { lastLine } from '../shared/docker.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { runProgram } from '../shared/run.ts';

export type Asset = {
  readonly archive: string;
  readonly checksums: string;
  /** The program in the archive. */
  readonly program: string;
};

export type Platform = { readonly assets: readonly Asset[]; readonly extra: readonly string[] };

/** What is downloaded here. Throws exit 3, before anything is asked of anybody, where nothing fits. */
export async function detectPlatform(): Promise<Platform> {
  const [system, machine] = [await uname('-s'), await uname('-m')];
  const extra = mutant('pin.driver-vm') ? ['openshell-driver-vm-aarch64-apple-darwin.tar.gz'] : [];
  if (system === 'Linux' && (machine === 'x86_64' || machine === 'aarch64'))
    return { assets: linuxAssets(machine), extra: [] };
  const isMac = system === 'Darwin' && (machine === 'arm64' || mutant('pin.mac-x64'));
  if (!isMac) throw new Failure(3, `there is no openshell for ${system} ${machine}`);
  const names = ['openshell', 'openshell-gateway'] as const;
  return { assets: names.map((name) => assetOf(name, 'aarch64-apple-darwin')), extra };
}

async function uname(flag: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram('uname', [flag]);
  if (code !== 0) throw new Failure(3, `uname ${flag} failed: ${lastLine(stderr)}`);
  return stdout.trim();
}

/** The command line runs everywhere, the helpers are linked to the host's libc. */
function linuxAssets(machine: string): readonly Asset[] {
  const [cli, helper] = mutant('pin.wrong-libc') ? ['gnu', 'musl'] : ['musl', 'gnu'];
  return [
    assetOf('openshell', `${machine}-unknown-linux-${cli}`),
    assetOf('openshell-gateway', `${machine}-unknown-linux-${helper}`),
    assetOf('openshell-sandbox', `${machine}-unknown-linux-${helper}`),
  ];
}

function assetOf(program: string, target: string): Asset {
  const archive = `${program}-${target}.tar.gz`;
  return { archive, checksums: `${program}-checksums-sha256.txt`, program };
}
