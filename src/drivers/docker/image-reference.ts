// References of images as the engine's own tools write them. `docker stack deploy` sends `nginx:latest` where
// a file says `docker.io/library/nginx`, so that both are one release.

const hubs = /^(?:index\.)?docker\.io\//;

/** The short form: without Docker's own registry, and with a tag unless a digest says which image it is. */
export function familiarReference(reference: string): string {
  const digestAt = reference.indexOf('@');
  const named = digestAt === -1 ? reference : reference.slice(0, digestAt);
  const digest = digestAt === -1 ? '' : reference.slice(digestAt);
  const short = withoutHub(named);
  const isTagged = short.slice(short.lastIndexOf('/') + 1).includes(':');
  return `${short}${isTagged || digest !== '' ? '' : ':latest'}${digest}`;
}

function withoutHub(named: string): string {
  const path = named.replace(hubs, '');
  // Only what stands alone below `library` is shown without it.
  const alone = /^library\/([^/]+)$/.exec(path)?.[1];
  return alone === undefined || isRegistry(named) ? path : alone;
}

/** Whether the first part is a host of another registry. */
function isRegistry(named: string): boolean {
  const [first = '', ...rest] = named.split('/');
  return rest.length > 0 && !hubs.test(named) && (/[.:]/.test(first) || first === 'localhost');
}

/** What the engine runs, without a digest that it added to the reference which the release wrote. */
export const unpinned = (seen: string, written: string): string =>
  written.includes('@') ? seen : seen.replace(/@sha256:[0-9a-f]{64}$/, '');
