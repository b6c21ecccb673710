// Reports of any length as text, piece by piece: the report of a large suite is larger than what a
// machine likes to hold.

import { decodeSource, positionAt, type Position } from '../diagnostics/source.ts';
import { systemFiles } from '../drivers/files.ts';
import type { Terminal } from './command.ts';
import { asInput, notUtf8, refuse } from './findings-files.ts';
import { fileAt } from './findings-options.ts';

/** Without a byte order mark. What is not UTF-8 ends the command, with its place. */
export async function readPieces(
  path: string,
  terminal: Pick<Terminal, 'cwd'>,
  onText: (text: string) => void,
): Promise<void> {
  let pending: Uint8Array = new Uint8Array();
  let start: Position = { line: 1, column: 1 };
  const take = (bytes: Uint8Array): void => {
    const decoded = decode(bytes, path, start);
    const isFirst = start.line === 1 && start.column === 1;
    const text = isFirst ? decoded.replace(/^\uFEFF/, '') : decoded;
    onText(text);
    start = advance(start, text);
  };
  await asInput(async () => {
    for await (const chunk of systemFiles.stream(fileAt(path, terminal))) {
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const whole = wholeLength(bytes);
      take(bytes.subarray(0, whole));
      // A copy, since whoever streams may use the chunk again.
      pending = bytes.slice(whole);
    }
  });
  take(pending);
}

/** How many bytes hold whole characters only: the last one may go on in the next piece. */
export function wholeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    return back < lengthFrom(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Bytes of the character that begins so. */
function lengthFrom(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function decode(bytes: Uint8Array, path: string, start: Position): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const { source, invalidAt = 0 } = decodeSource(path, bytes);
    const { line, column } = positionAt(source, invalidAt);
    const place = {
      line: start.line + line - 1,
      column: line === 1 ? start.column + column - 1 : column,
    };
    refuse(path, [{ message: notUtf8, place }]);
  }
}

function advance({ line, column }: Position, text: string): Position {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  if (lines === 0) return { line, column: column + text.length };
  return { line: line + lines, column: text.length - text.lastIndexOf('\n') };
}
