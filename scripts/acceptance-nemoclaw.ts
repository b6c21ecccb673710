// The scenarios of the nemoclaw pack that can be tried out without an engine, on its reference system:
// every check must pass, and every planted fault must turn the checks red that its canary names and
// leave those green that it spares. Prints PASS: or FAIL: for each; ends with 1 on any FAIL.
//
//   npm run acceptance:nemoclaw

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSubject } from '../packs/nemoclaw/actions/build-subject.ts';
import { systemFiles } from '../src/drivers/files.ts';
import { wantedRed, type Canary } from '../src/scenario/canaries.ts';
import { loadPack, type Pack } from '../src/scenario/load-pack.ts';
import { tryScenario, type Verdicts } from '../test/packs/nemoclaw/try-scenario.ts';
import { heading, say } from './steps.ts';

const work = mkdtempSync(join(tmpdir(), 'seatrial-nemoclaw-'));
let [passed, failed] = [0, 0];

function tell(isHeld: boolean, what: string, why = ''): void {
  if (isHeld) passed += 1;
  else failed += 1;
  say(`${isHeld ? 'PASS' : 'FAIL'}: ${what}${isHeld || why === '' ? '' : ` (${why})`}`);
}

async function scenarios(pack: Pack, product: string): Promise<void> {
  for (const scenario of withoutEngine(pack)) {
    heading(scenario);
    const verdicts = await tryScenario({ pack, scenario, product, work });
    for (const [id, verdict] of Object.entries(verdicts)) tell(verdict === 'passed', id, verdict);
  }
}

/** Those that need one are run with `seatrial run` and `seatrial canaries run`. */
const withoutEngine = (pack: Pack): readonly string[] =>
  [...pack.scenarios]
    .filter(([, { value }]) => !value.spec.environment.needs.includes('docker'))
    .map(([id]) => id);

async function canaries(pack: Pack, product: string): Promise<void> {
  heading('planted faults');
  const known = withoutEngine(pack);
  for (const canary of pack.canaries.filter((each) => known.includes(each.scenario))) {
    const { id, scenario, plant } = canary;
    if (plant.mutant === undefined) throw new Error(`${id} plants no fault of the product`);
    const verdicts = await tryScenario({ pack, scenario, product, work, mutant: plant.mutant });
    const wrong = wrongAbout(canary, verdicts);
    tell(wrong.length === 0, `canary ${id}`, wrong.join(', '));
  }
}

function wrongAbout({ kills, spares }: Canary, verdicts: Verdicts): readonly string[] {
  const wanted = [
    ...wantedRed(kills).map(({ check }) => ({ check, verdict: 'failed' })),
    ...spares.map((check) => ({ check, verdict: 'passed' })),
  ];
  return wanted
    .filter(({ check, verdict }) => verdicts[check] !== verdict)
    .map(({ check, verdict }) => `${check} is ${verdicts[check] ?? 'unknown'}, not ${verdict}`);
}

try {
  const product = join(work, 'subject');
  await buildSubject(product, true);
  const { pack, reports } = await loadPack(systemFiles, resolve('packs/nemoclaw'));
  if (pack === undefined) throw new Error(`the pack does not load: ${JSON.stringify(reports)}`);
  await scenarios(pack, product);
  await canaries(pack, product);
} finally {
  rmSync(work, { recursive: true, force: true });
}
say(`\n${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
