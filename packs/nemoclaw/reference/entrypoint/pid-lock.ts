import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { mutant } from '../shared/mutant.ts';

/**
 * One gateway at a time. Undefined when another start runs; else the file names this one, and what is
 * given lets go. Who is first, the kernel says: a name that only one process can hold, and that nobody
 * holds any more when its process is gone. A file alone cannot tell: two starts that both find an old
 * one would each remove what the other has just made.
 */
export async function takePidLock(path: string): Promise<(() => void) | undefined> {
  const release = mutant('entry.racy-pid') ? (): void => undefined : await holdName(path);
  if (release !== undefined) writeFileSync(path, `${String(process.pid)}\n`, { mode: 0o644 });
  return release;
}

/** An abstract socket of the container's own network, which no file stands for. */
function holdName(path: string): Promise<(() => void) | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0${path}`, () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}
