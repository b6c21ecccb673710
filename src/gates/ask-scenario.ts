import { bundleRoot } from '../evidence/bundle-paths.ts';
import { journalFormat } from '../evidence/record.ts';
import { readRunsList, verifyRunsList, type RunsListLine } from '../evidence/runs-list.ts';
import type { RunState } from '../evidence/run-state.ts';
import { verifyBundle } from '../evidence/verify.ts';
import { judged, unasked, type Ask, type AskContext } from './ask.ts';
import type { CheckOf } from './check-schema.ts';
import { spokenDuration } from './duration.ts';

const maxAgeMsDefault = 24 * 3_600_000;

/**
 * The newest started run of a scenario: its bundle is whole, it says that verdict, and nothing was
 * left out. An older green run never stands in for a newer one that is red or gone.
 */
export const askScenario: Ask<'scenario'> = async (check, context) => {
  const { world, maxAgeMs = maxAgeMsDefault } = context;
  const found = await newestRun(check, context);
  if ('fault' in found) return unasked(found.fault);
  const { state } = found;
  const { run, head } = state.started;
  const age = world.clock.now().getTime() - Date.parse(state.startedAt);
  if (age > maxAgeMs)
    return unasked(`run ${run} is stale by ${spokenDuration(age - maxAgeMs)}`, { run });
  const faults = [...wholeFaults(state, check), ...commitFaults(state, check, context.commit)];
  return judged(faults, `run ${run}: ${check.verdict}${loweredBy(state)}`, {
    facts: { run, verdict: state.verdict, chain_head: state.head, head: head.ref },
  });
};

/** Checks of the floor that the app's owner set aside: the sign-off names them, with the reasons. */
function loweredBy({ checks }: RunState): string {
  const reasons = new Map<string, number>();
  for (const { source, skip } of checks)
    if (source === 'floor' && skip?.kind === 'declared')
      reasons.set(skip.reason, (reasons.get(skip.reason) ?? 0) + 1);
  return [...reasons]
    .map(([reason, count]) => `; ${String(count)} floor checks set aside: ${reason}`)
    .join('');
}

async function newestRun(
  check: CheckOf<'scenario'>,
  { world, store: { root, id } }: AskContext,
): Promise<{ readonly state: RunState } | { readonly fault: string }> {
  const store = { files: world.files, root, id };
  const { lines } = await readRunsList(store);
  const isAsked = ({ scenario, app }: RunsListLine): boolean =>
    scenario === check.scenario && (check.app === undefined || app === check.app);
  const started = lines.findLast((line) => line.state === 'started' && isAsked(line));
  if (started === undefined) return { fault: `no run of scenario ${check.scenario} in the store` };
  const { run } = started;
  const { findings } = await verifyRunsList(store);
  const broken = findings.find(({ code, run: about }) => code === 'list-broken' || about === run);
  if (broken !== undefined) return { fault: broken.message };
  const ended = lines.findLast((line) => line.run === run && line.state === 'ended');
  if (ended === undefined) return { fault: `the newest run ${run} has not ended` };
  const { findings: faults, state } = await verifyBundle({
    files: world.files,
    root: bundleRoot(root, run),
    header: { format: journalFormat, run, store: id },
    head: ended.head,
  });
  const wrong = faults.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) return { fault: `run ${run}: ${wrong.file}: ${wrong.message}` };
  return state === undefined ? { fault: `run ${run} holds no record` } : { state };
}

function wholeFaults(
  { started, verdict, reasons, checks }: RunState,
  check: CheckOf<'scenario'>,
): readonly string[] {
  const skipped = checks.filter(({ skip }) => skip?.kind === 'not-asked');
  return [
    ...(verdict === check.verdict ? [] : [`its verdict is ${verdict}: ${reasons[0] ?? ''}`]),
    ...(started.selection === 'full' ? [] : ['it is a partial run']),
    ...(started.canary === undefined ? [] : ['it is the run of a canary']),
    ...(started.driver.fake ? ['it deployed nothing real'] : []),
    ...(skipped.length === 0 ? [] : [`${String(skipped.length)} checks were left out`]),
  ];
}

function commitFaults(
  { started: { head } }: RunState,
  check: CheckOf<'scenario'>,
  commit: string | undefined,
): readonly string[] {
  if (!check.same_commit || (head.commit !== undefined && head.commit === commit)) return [];
  return [`its head is ${head.commit ?? head.ref}, not ${commit ?? 'a commit'}`];
}
