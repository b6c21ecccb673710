import { createHash } from 'node:crypto';
import { extract, type Headers } from 'tar-stream';
import type { PackFile } from '../../ports/pack.ts';
import { query, type Engine } from '../docker/engine.ts';

const fileMaxBytes = 16 * 1024 * 1024;
const textMax = 1024 * 1024;

/** What stands at a path of a container, as its own file system has it. */
export async function readContainerFile(
  engine: Engine,
  container: string,
  path: string,
): Promise<PackFile> {
  const answer = await engine.stream({
    path: `/containers/${container}/archive${query({ path })}`,
    allow: [404],
  });
  if (answer.statusCode === 404) {
    answer.resume();
    return { kind: 'absent' };
  }
  const reading = extract();
  answer.pipe(reading);
  try {
    for await (const entry of reading) {
      const about = aboutOf(entry.header);
      const isRead = about.kind === 'file' && about.bytes <= fileMaxBytes;
      // Waited for here: leaving the loop ends the archive, whatever of it was read.
      return isRead ? await readMember(entry, about) : about;
    }
    return { kind: 'absent' };
  } finally {
    // What is left of the answer would keep this process alive until the engine gives up.
    answer.destroy();
  }
}

function aboutOf({ type, mode = 0, uid = 0, gid = 0, size = 0 }: Headers) {
  const isOther = type === 'directory' || type === 'symlink';
  const kind: PackFile['kind'] = isOther ? type : 'file';
  return { kind, mode: (mode & 0o7777).toString(8), uid, gid, bytes: size };
}

async function readMember(entry: AsyncIterable<unknown>, about: PackFile): Promise<PackFile> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ...about, sha256, ...textIn(bytes) };
}

/** Of UTF-8 that is small enough to be looked at. */
export function textIn(bytes: Uint8Array): Pick<PackFile, 'text'> {
  if (bytes.length > textMax) return {};
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return {};
  }
}
