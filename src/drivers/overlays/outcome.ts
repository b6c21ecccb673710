import type {
  OverlayEvidence,
  OverlayOutcome,
  OverlaySelection,
  OverlayVerdict,
} from '../../ports/overlays.ts';
import type { ProcessResult } from '../../ports/processes.ts';

/** A message is one line; what is longer is in the evidence. */
const messageMax = 2000;
/** Cut so that a flood of output is no flood of evidence. */
const textEvidenceMax = 1 << 18;

export const outcome = (
  id: string,
  verdict: OverlayVerdict,
  message: string,
  more: Partial<Pick<OverlayOutcome, 'durationMs' | 'evidence' | 'touched'>> = {},
): OverlayOutcome => ({
  id,
  verdict,
  message: message.replace(/\s+/g, ' ').trim().slice(0, messageMax),
  durationMs: 0,
  evidence: [],
  touched: [],
  ...more,
});

export const allAs = (
  { checks }: OverlaySelection,
  verdict: OverlayVerdict,
  message: string,
  more: { readonly evidence?: readonly OverlayEvidence[] } = {},
): readonly OverlayOutcome[] => checks.map(({ id }) => outcome(id, verdict, message, more));

/** The two output streams that hold anything, each cut at its beginning where it is too long. */
export function outputEvidence({
  stdout,
  stderr,
}: Pick<ProcessResult, 'stdout' | 'stderr'>): readonly OverlayEvidence[] {
  return Object.entries({ 'stdout.txt': stdout, 'stderr.txt': stderr })
    .filter(([, bytes]) => bytes.length > 0)
    .map(([name, bytes]) => ({
      name,
      mediaType: 'text/plain',
      bytes: bytes.slice(-textEvidenceMax),
    }));
}

/** How a process ended that did not end by answering. */
export function sayEnding(result: ProcessResult, timeoutMs: number): string {
  if (result.timedOut) return `timeout: no answer within ${String(timeoutMs)} ms`;
  if (result.cancelled) return 'cancelled';
  if (result.signal !== undefined) return `killed by ${result.signal}`;
  return `the process ended with exit code ${String(result.exitCode)}`;
}
