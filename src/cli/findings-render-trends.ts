import { printable } from '../diagnostics/printable.ts';
import type { TrendReport } from '../findings/trends.ts';

export function renderTrendReport({
  snapshots,
  changes,
  came_back,
  unreadable,
}: TrendReport): string {
  if (snapshots.length === 0) return 'no snapshot yet; seatrial findings classify adds them\n';
  const rows = snapshots.map(
    ({ timestamp, failed, total, suppressed_failures }) =>
      `${timestamp}  ${String(failed)} of ${String(total)} failed, ${String(suppressed_failures)} set aside`,
  );
  const codes = changes.map(
    ({ code, first, previous, last }) =>
      `${code.padEnd(24)} ${String(first)} → ${String(previous)} → ${String(last)} (${signed(last - previous)})`,
  );
  const back = came_back.map(
    ({ fingerprint, subjects, last_seen }) =>
      `came back: ${fingerprint} in ${printable(subjects.join(', '))}, last seen in ${last_seen}`,
  );
  const lost = unreadable.map((file) => `cannot be read: ${file}`);
  return `${[...rows, '', ...codes, ...back, ...lost].join('\n')}\n`;
}

const signed = (change: number): string => (change > 0 ? `+${String(change)}` : String(change));
