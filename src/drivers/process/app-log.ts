// What the app wrote: bounded between two calls of `logs`, with the last lines of the current start
// kept for failure messages, and log-line probes answered as the lines come.

export type AppLog = {
  readonly write: (bytes: Uint8Array) => void;
  /** Everything since the last call; the oldest part is dropped, and counted in a first line. */
  readonly take: () => Uint8Array;
  /** Forgets lines and answers of the start before. */
  readonly restart: () => void;
  /** Whether a line since the last start contained the text; only of texts given at the beginning. */
  readonly hasSeen: (text: string) => boolean;
  /** The last lines of the present start, without empty ones and frames of a stack. */
  readonly lastLines: () => string;
  /** The last of these lines that speaks of an error, cut to a readable length. */
  readonly lastError: () => string | undefined;
};

const keptBytes = 4 * 1024 * 1024;
const tailLength = 16 * 1024;
const lastLinesCount = 10;

export function makeAppLog(watched: readonly string[]): AppLog {
  let chunks: Buffer[] = [];
  let size = 0;
  let dropped = 0;
  let tail = '';
  const seen = new Set<string>();
  const longest = Math.max(0, ...watched.map((text) => text.length));
  const trim = (): void => {
    while (size > keptBytes && chunks.length > 1) {
      const { length } = chunks.shift() ?? Buffer.alloc(0);
      size -= length;
      dropped += length;
    }
  };
  return {
    write: (bytes) => {
      const part = Buffer.from(bytes.length > keptBytes ? bytes.subarray(-keptBytes) : bytes);
      dropped += bytes.length - part.length;
      chunks.push(part);
      size += part.length;
      trim();
      const text = part.toString('utf8');
      // A watched text may lie across two chunks.
      const joined = tail.slice(-longest) + text;
      for (const each of watched) if (!seen.has(each) && joined.includes(each)) seen.add(each);
      tail = (tail + text).slice(-tailLength);
    },
    take: () => {
      const note = dropped === 0 ? '' : `[${String(dropped)} bytes of output dropped]\n`;
      const taken = Buffer.concat([Buffer.from(note), ...chunks]);
      chunks = [];
      size = 0;
      dropped = 0;
      return new Uint8Array(taken);
    },
    restart: () => {
      tail = '';
      seen.clear();
    },
    hasSeen: (text) => seen.has(text),
    lastLines: () => tellingLines(tail).slice(-lastLinesCount).join('\n'),
    lastError: () =>
      tellingLines(tail)
        .slice(-lastLinesCount)
        .findLast((line) => speaksOfError.test(line))
        ?.trim()
        .slice(0, errorLength),
  };
}

const speaksOfError = /error|exception|fatal|panic/i;
const errorLength = 300;

/** Frames of a JavaScript stack come last and would push out the line that says what went wrong. */
const stackFrame = /^\s+at .+$/;

const tellingLines = (tail: string): readonly string[] =>
  tail.split('\n').filter((line) => line.trim() !== '' && !stackFrame.test(line));
