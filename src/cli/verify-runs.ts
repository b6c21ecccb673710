// Verification of a store's runs, with the keys that its reader trusts.

import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import { bundlePaths, bundleRoot } from '../evidence/bundle-paths.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import type { TrustedKey } from '../evidence/keys.ts';
import type { RunState } from '../evidence/run-state.ts';
import { keyIdOf } from '../ports/signer.ts';
import { journalFormat } from '../evidence/record.ts';
import { readRunsList, verifyRunsList, type RunsListFinding } from '../evidence/runs-list.ts';
import { verifyAttestation } from '../evidence/attest.ts';
import { verifyBundle } from '../evidence/verify.ts';
import { scanShapes } from '../evidence/secret-scan.ts';
import { wrong, type AttestationAnswer, type Finding } from '../evidence/verify-finding.ts';
import type { Terminal } from './command.ts';
import { projectReports } from './projections.ts';
import { readTrustedKeys } from './signing.ts';
import { version } from './version.ts';

export type VerifiedRun = {
  readonly run: string;
  readonly ok: boolean;
  readonly verdict: string;
  readonly findings: readonly Finding[];
};

type Options = {
  readonly terminal: Terminal;
  readonly strict: boolean;
  readonly keys: string | undefined;
};

/** Findings of the list are given for the whole store, whichever runs are chosen. */
export async function verifyRuns(
  root: string,
  chosen: readonly string[],
  options: Options,
): Promise<{
  readonly bundles: readonly VerifiedRun[];
  readonly list: readonly RunsListFinding[];
}> {
  const description = await systemFiles.readText(`${root}/store.json`, 4096);
  const { id } = JSON.parse(description) as { id: string };
  const store = { files: systemFiles, root, id };
  const { lines } = await readRunsList(store);
  const keys = await readTrustedKeys(options.keys, options.terminal);
  const bundles: VerifiedRun[] = [];
  for (const run of chosen) {
    const head = lines.findLast((line) => line.run === run && line.state === 'ended')?.head;
    const bundle = bundleRoot(root, run);
    const noted = await notedKey(bundle);
    const { ok, findings, state } = await verifyBundle({
      files: systemFiles,
      root: bundle,
      header: { format: journalFormat, run, store: id },
      ...(head === undefined ? {} : { head }),
      verifyAttestation: (bytes) => judgeSignature(bytes, { keys, noted, strict: options.strict }),
    });
    const differing = state === undefined ? [] : await differingReports(root, state, findings);
    const secrets = await plantedSecrets(bundle);
    const unsigned = options.strict && findings.some(({ code }) => code === 'unsigned');
    bundles.push({
      run,
      ok:
        ok && !unsigned && [...differing, ...secrets].every(({ severity }) => severity !== 'error'),
      findings: [...findings, ...differing, ...secrets],
      verdict: state?.verdict ?? 'none',
    });
  }
  const { findings: list } = await verifyRunsList(store);
  return { bundles, list };
}

/**
 * A signature by a key that nobody vouches for still has to fit the key that the journal names: that
 * proves the bundle whole, though not where it is from.
 */
function judgeSignature(
  bytes: Uint8Array,
  {
    keys,
    noted,
    strict,
  }: {
    readonly keys: readonly TrustedKey[];
    readonly noted: TrustedKey | undefined;
    readonly strict: boolean;
  },
): AttestationAnswer {
  const now = systemClock.now();
  const answer = verifyAttestation(bytes, keys, now);
  const unknown = answer.findings.some(({ code }) => code === 'key-unknown');
  if (!unknown || strict || noted === undefined) return answer;
  const whole = verifyAttestation(bytes, [...keys, noted], now);
  const message = `Signed by key ${noted.keyId}, which is not among the trusted keys.`;
  const untrusted = { code: 'key-untrusted', message, severity: 'warning' as const };
  return { subjects: whole.subjects, findings: [...whole.findings, untrusted] };
}

/** The signing key that the first record names. */
async function notedKey(root: string): Promise<TrustedKey | undefined> {
  const path = bundlePaths(root).journal;
  if ((await systemFiles.stat(path)) === undefined) return undefined;
  const { records } = await readJournal(firstLine(systemFiles.stream(path)));
  const [first] = records;
  if (first?.type !== 'run.started' || first.data.signer === undefined) return undefined;
  const publicKey = Buffer.from(first.data.signer.publicKey, 'base64');
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    owner: 'unknown',
    notBefore: '0000-01-01T00:00:00Z',
    notAfter: '9999-12-31T00:00:00Z',
  };
}

async function* firstLine(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const end = chunk.indexOf(10);
    yield end === -1 ? chunk : chunk.subarray(0, end + 1);
    if (end !== -1) return;
  }
}

/**
 * Reports are pure functions of records, so the same version renders the same bytes. This covers
 * them where no trusted signature does.
 */
async function differingReports(
  root: string,
  state: RunState,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  if (state.ended === undefined || state.started.tool.version !== version) return [];
  // A signature covers them already, whatever version rendered them.
  if (!findings.some(({ code }) => code === 'unsigned')) return [];
  const differing: Finding[] = [];
  for (const { name, text } of await projectReports(root)(state)) {
    const path = `${bundleRoot(root, state.started.run)}/${name}`;
    if ((await systemFiles.stat(path)) === undefined) continue;
    if (sha256Hex(await systemFiles.read(path)) !== sha256Hex(text))
      differing.push(wrong(name, 'report-differs', 'It is not what the records render to.'));
  }
  return differing;
}

/** More than a usual bundle holds; the rest is named, not passed over. */
const scannedMaxBytes = 32 * 1024 * 1024;

/** Secrets planted in a run are recognised by their shape, long after their values are forgotten. */
async function plantedSecrets(root: string): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  let left = scannedMaxBytes;
  for (const { path, kind, sizeBytes } of await systemFiles.listing(root, { digests: false })) {
    if (kind !== 'file') continue;
    left -= sizeBytes;
    if (left < 0) {
      const message = 'It was not searched for planted secrets: the bundle is too large.';
      found.push({ file: path, code: 'not-scanned', severity: 'warning', message });
      continue;
    }
    const scan = scanShapes();
    for await (const chunk of systemFiles.stream(`${root}/${path}`)) scan.push(chunk);
    for (const { form } of scan.end())
      found.push(wrong(path, 'secret-found', `It holds a planted secret (${form}).`));
  }
  return found;
}
