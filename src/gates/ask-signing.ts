import { judged, unasked, type Ask } from './ask.ts';
import { resolvePath } from './resolve-path.ts';

/** Exactly the planted bad files are refused, and everything below the roots is accepted. */
export const askSigning: Ask<'signing'> = async (check, context) => {
  const { world, here } = context;
  const keys = resolvePath(here, check.keys);
  const strict = check.strict;
  const roots = check.roots.map((root) => resolvePath(here, root));
  const planted = Object.entries(check.planted).map(
    ([path, wanted]) => [resolvePath(here, path), wanted] as const,
  );
  const faults: string[] = [];
  const counts: Record<string, number> = {};
  for (const [index, root] of roots.entries()) {
    const answers = await world.verifyScripts({ roots: [root], keys, strict });
    const own = answers.filter(({ path }) => !planted.some(([bad]) => bad === path));
    counts[check.roots[index] ?? root] = own.length;
    // An empty root would pass for ever, and nobody would notice that the scripts had moved.
    if (own.length === 0) faults.push(`${check.roots[index] ?? root} holds no script`);
    faults.push(
      ...own.filter(({ accepted }) => !accepted).map(({ path, reason }) => `${path}: ${reason}`),
    );
  }
  for (const [path, wanted] of planted) {
    const [answer] = await world.verifyScripts({ roots: [path], keys, strict });
    if (answer === undefined) return unasked(`the planted file ${path} is not there`);
    const was = answer.accepted ? 'accepted' : 'refused';
    if (was !== wanted) faults.push(`${path} is ${was}, not ${wanted}: ${answer.reason}`);
  }
  const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
  return judged(
    faults,
    `${String(total)} scripts accepted, ${String(planted.length)} planted files told apart`,
    { facts: { scripts: counts, planted: planted.length, strict } },
  );
};
