// What the first program in a sandbox says on its channel: that the command started, files it left, how it ended.

type CollectedFile = { readonly name: string; readonly bytes: Uint8Array };
type End = { readonly exitCode: number } | { readonly signal: number };

export type Collected = {
  readonly started: boolean;
  readonly files: readonly CollectedFile[];
  /** Absent when that program did not come to its end either. */
  readonly ended?: End;
};

/** Total: what breaks the form ends the reading, and `ended` is missing. */
export function readCollected(channel: Uint8Array): Collected {
  const bytes = Buffer.from(channel);
  const files: CollectedFile[] = [];
  const first = lineAt(bytes, 0);
  if (first?.text !== 'started') return { started: false, files };
  let at = first.next;
  for (;;) {
    const line = lineAt(bytes, at);
    const ended = line === undefined ? undefined : endOf(line.text);
    if (ended !== undefined) return { started: true, files, ended };
    const file = line === undefined ? undefined : fileAt(bytes, line);
    if (line === undefined || file === undefined) return { started: true, files };
    files.push(file);
    at = line.next + file.bytes.length;
  }
}

type Line = { readonly text: string; readonly next: number };

function lineAt(bytes: Buffer, at: number): Line | undefined {
  const end = bytes.indexOf(10, at);
  return end < 0 ? undefined : { text: bytes.toString('latin1', at, end), next: end + 1 };
}

function endOf(text: string): End | undefined {
  const [, how, number] = /^exited (code|signal) (\d{1,3})$/.exec(text) ?? [];
  if (how === undefined) return undefined;
  return how === 'code' ? { exitCode: Number(number) } : { signal: Number(number) };
}

function fileAt(bytes: Buffer, { text, next }: Line): CollectedFile | undefined {
  const [, name, size = ''] = /^file ([A-Za-z0-9][A-Za-z0-9._-]{0,79}) (\d{1,9})$/.exec(text) ?? [];
  const end = next + Number(size);
  if (name === undefined || end > bytes.length) return undefined;
  return { name, bytes: bytes.subarray(next, end) };
}
