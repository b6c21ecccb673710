import { request } from 'node:http';
import { Failure } from '../shared/failure.ts';
import { frameKinds, frameReader } from './exec-frames.ts';
import { foldersOf } from './folders.ts';

const unreachable = (message: string): Failure =>
  new Failure(5, `the gateway cannot be reached: ${message}`);

const answerLimitBytes = 8 << 20;

/** Longer than a sandbox may take to become ready. */
const answerWithinMs = 90_000;

/** One call on the gateway's socket. Throws its exit code, or 5 when nobody answers. */
export function askGateway(call: string, args: object = {}): Promise<unknown> {
  const { socket: socketPath } = foldersOf();
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method: 'POST', path: `/${call}` }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        if (body.length > answerLimitBytes) asked.destroy(new Error('the answer is too large'));
      });
      answer.on('end', () => {
        const value = JSON.parse(body) as unknown;
        if (answer.statusCode === 200) resolve(value);
        else {
          const { exitCode, message } = value as { exitCode: number; message: string };
          reject(new Failure(exitCode, message));
        }
      });
    });
    asked.on('error', (error) => {
      reject(unreachable(error.message));
    });
    asked.setTimeout(answerWithinMs, () => asked.destroy(new Error('it does not answer')));
    asked.end(JSON.stringify(args));
  });
}

type Streams = {
  readonly input: NodeJS.ReadableStream | undefined;
  readonly stdout: (bytes: Buffer) => void;
  readonly stderr: (bytes: Buffer) => void;
};

/** Runs a command in a sandbox through the gateway; gives its exit code. */
export function execThroughGateway(
  { name, user, argv }: { name: string; user?: string; argv: readonly string[] },
  { input, stdout, stderr }: Streams,
): Promise<number> {
  const query = new URLSearchParams({ name, ...(user === undefined ? {} : { user }) });
  for (const each of argv) query.append('arg', each);
  const { socket: socketPath } = foldersOf();
  return new Promise((resolve, reject) => {
    const path = `/exec?${query.toString()}`;
    const asked = request({ socketPath, method: 'POST', path }, (answer) => {
      if (answer.statusCode !== 200) {
        readFailure(answer).then(reject, reject);
        return;
      }
      const read = frameReader();
      let code: number | undefined;
      answer.on('data', (chunk: Buffer) => {
        for (const { kind, bytes } of read(chunk)) {
          if (kind === frameKinds.stdout) stdout(bytes);
          else if (kind === frameKinds.stderr) stderr(bytes);
          else code = bytes[0];
        }
      });
      answer.on('close', () => {
        if (code === undefined) reject(unreachable('it ended before the command did'));
        else resolve(code);
        asked.destroy();
      });
    });
    asked.on('error', (error) => {
      reject(unreachable(error.message));
    });
    if (input === undefined) asked.end();
    else input.pipe(asked);
  });
}

async function readFailure(answer: NodeJS.ReadableStream): Promise<Failure> {
  let body = '';
  for await (const chunk of answer) body += String(chunk);
  const { exitCode, message } = JSON.parse(body) as { exitCode: number; message: string };
  return new Failure(exitCode, message);
}
