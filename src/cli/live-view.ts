// Draws progress on standard error: replaced in place on a terminal, one line per event elsewhere.

import type { JournalRecord } from '../evidence/record.ts';
import { renderFrame, startProgress, step, type LiveEvent } from '../reporters/live.ts';
import type { Terminal } from './command.ts';

const redrawMs = 100;
const frameLines = 5;

export type LiveView = {
  readonly onRecord: (record: JournalRecord) => void;
  readonly onOutput: (service: string, bytes: Uint8Array) => void;
  readonly close: () => void;
};

export function openLiveView(terminal: Terminal, now: () => string): LiveView {
  let progress = startProgress;
  let drawn = 0;
  const decoder = new TextDecoder();
  const clear = (): string => (drawn === 0 ? '' : `\u001B[${String(drawn)}A\u001B[0J`);
  const draw = (lines: readonly string[] = []): void => {
    if (!terminal.errIsTty) {
      for (const line of lines) terminal.err(`${line}\n`);
      return;
    }
    const frame = renderFrame(progress, {
      now: now(),
      width: Math.max(20, terminal.columns - 1),
      height: frameLines,
      colour: terminal.env['NO_COLOR'] === undefined,
    });
    terminal.err(`${clear()}${[...lines, ...frame].map((line) => `${line}\n`).join('')}`);
    drawn = frame.length;
  };
  const take = (event: LiveEvent): void => {
    const next = step(progress, event);
    progress = next.progress;
    if (next.lines.length > 0) draw(next.lines);
  };
  const timer = terminal.errIsTty ? setInterval(draw, redrawMs) : undefined;
  timer?.unref();
  return {
    onRecord: (record) => {
      take({ kind: 'record', record });
    },
    onOutput: (_service, bytes) => {
      take({ kind: 'output', text: decoder.decode(bytes, { stream: true }) });
    },
    close: () => {
      clearInterval(timer);
      if (terminal.errIsTty) terminal.err(clear());
      drawn = 0;
    },
  };
}
