// From where a stream goes on, or why it does not. A client that asks for what is not there is told
// so, and never given a stream of its own in silence.

import type { Faults } from './faults.ts';
import { refusal, type Reply } from './http-route.ts';
import type { StreamLog } from './stream-log.ts';

type Resumed =
  | { readonly log: StreamLog; readonly position: number }
  | { readonly refused: Reply; readonly isGap?: boolean }
  /** Only with a fault. */
  | { readonly startsAgain: true };

export function resumePosition(
  last: string,
  {
    trace,
    principal,
    logs,
    faults,
  }: {
    readonly trace: string | undefined;
    readonly principal: string;
    readonly logs: ReadonlyMap<string, StreamLog>;
    readonly faults: Faults;
  },
): Resumed {
  if (faults.has('chat.resume-restart')) return { startsAgain: true };
  if (!/^\d{1,15}$/u.test(last)) return { refused: refusal(400, 'bad_last_event_id') };
  const log = logs.get(trace ?? '');
  if (log === undefined && faults.has('chat.resume-silent-restart')) return { startsAgain: true };
  if (trace === undefined) return { refused: refusal(400, 'trace_required') };
  if (log === undefined) return { refused: refusal(404, 'unknown_trace') };
  if (log.principal !== principal && !faults.has('chat.resume-foreign'))
    return { refused: refusal(403, 'forbidden') };
  return positionIn(log, Number(last), faults);
}

function positionIn(log: StreamLog, id: number, faults: Faults): Resumed {
  if (id > log.last()) return { refused: refusal(409, 'resume_ahead') };
  if (id === log.last() && log.ended()) return { refused: { status: 204, json: null } };
  const oldest = log.oldest();
  if (id + 1 < oldest) return { refused: refusal(410, 'resume_gap', { oldest }), isGap: true };
  const position = log.positionAfter(id);
  if (faults.has('chat.resume-drops-one')) return { log, position: position + 1 };
  if (faults.has('chat.resume-repeats-one')) return { log, position: Math.max(0, position - 1) };
  return { log, position };
}
