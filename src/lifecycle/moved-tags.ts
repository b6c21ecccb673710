// A tag names one commit for good. Earlier runs of this store recorded which; a remote that has moved one
// since is told of, whatever the tag is used for now.

import { bundleRoot } from '../evidence/bundle-paths.ts';
import type { ReleaseIdentity } from '../evidence/record.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { Store } from '../evidence/store.ts';
import type { Files } from '../ports/files.ts';
import type { Release } from '../ports/release.ts';
import { parseVersion } from '../scenario/version-order.ts';

type Note = { readonly code: string; readonly message: string };

/** Each costs reading the beginning of a file. */
const runsMax = 50;
/** `run.started` names every expected check; it is some ten kilobytes. */
const firstRecordMax = 1 << 20;

/** `now` are releases as the origin lists them at this moment. */
export async function movedTags(
  files: Pick<Files, 'stat' | 'stream'>,
  store: Store,
  { app, now }: { readonly app: string; readonly now: readonly Release[] },
): Promise<readonly Note[]> {
  const tags = now.filter(isTag);
  if (tags.length === 0) return [];
  const { lines } = await readRunsList(store);
  const runs = lines.filter((line) => line.app === app && line.state === 'started');
  const notes = new Map<string, Note>();
  for (const { run } of runs.toReversed().slice(0, runsMax))
    for (const was of await releasesOf(files, store, run)) {
      const is = tags.find(({ ref }) => ref === was.ref);
      if (is !== undefined && was.commit !== undefined && is.commit !== was.commit)
        notes.set(is.ref, moved(is, was.commit, run));
    }
  return [...notes.values()];
}

const isTag = ({ origin, ref, commit }: Release): boolean =>
  origin === 'git' && commit !== undefined && parseVersion(ref.replace(/^git:/, '')) !== undefined;

const moved = ({ ref, commit = '' }: Release, was: string, run: string): Note => ({
  code: 'tag-moved',
  message: `${ref} is commit ${commit.slice(0, 12)} now, and was ${was.slice(0, 12)} when run ${run} saw it`,
});

/** What a run recorded at its beginning; nothing where that cannot be read. */
async function releasesOf(
  files: Pick<Files, 'stat' | 'stream'>,
  store: Store,
  run: string,
): Promise<readonly ReleaseIdentity[]> {
  const path = `${bundleRoot(store.root, run)}/journal.jsonl`;
  if ((await files.stat(path)) === undefined) return [];
  try {
    const { data } = JSON.parse(await firstLine(files, path)) as {
      readonly data?: { readonly base?: object; readonly head?: object };
    };
    return [data?.base, data?.head].filter(isIdentity);
  } catch {
    // A run that died in its first record, or a journal that somebody edited: `verify` tells of it.
    return [];
  }
}

const isIdentity = (value: object | undefined): value is ReleaseIdentity =>
  value !== undefined && 'ref' in value && 'commit' in value;

async function firstLine(files: Pick<Files, 'stream'>, path: string): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of files.stream(path)) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('\n') || text.length > firstRecordMax) break;
  }
  return text.slice(0, text.indexOf('\n'));
}
