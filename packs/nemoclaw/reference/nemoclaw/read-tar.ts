import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { Failure } from '../shared/failure.ts';

export type Member = { readonly path: string; readonly mode: number; readonly bytes: Buffer };

/** Regular files of an archive. Throws exit 1 for links and for names that lead outside. */
export async function readTar(tar: Buffer, limitBytes: number): Promise<readonly Member[]> {
  const members: Member[] = [];
  let size = 0;
  const extraction = Readable.from([tar]).pipe(extract());
  for await (const entry of extraction) {
    const { name, type, mode = 0o600 } = entry.header;
    const path = posix.normalize(name);
    if (path.startsWith('/') || path.split('/').includes('..'))
      throw new Failure(1, `${name} leads outside of the state`);
    if (type === 'symlink' || type === 'link') throw new Failure(1, `${name} is a link`);
    const chunks: Buffer[] = [];
    for await (const chunk of entry) {
      size += chunk.length;
      if (size > limitBytes) throw new Failure(1, 'the state is too large for a backup');
      chunks.push(chunk);
    }
    if (type === 'file') members.push({ path, mode, bytes: Buffer.concat(chunks) });
  }
  return members;
}
