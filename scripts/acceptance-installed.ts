// The nemoclaw pack on an installed product, as its user runs it. The reference stands in for the product: it lies
// somewhere on the host as a checkout with its programs, and what it does to an engine and a home is real. Then the same
// with a program that lies, is not understood, says too much or does not answer. Prints PASS: or FAIL: for each; ends
// with 1 on any FAIL.
//
//   npm run acceptance:installed             all of them
//   npm run acceptance:installed -- junk     these alone

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSubject } from '../packs/nemoclaw/actions/build-subject.ts';
import { treeDigest } from '../packs/nemoclaw/reference/shared/tree-digest.ts';
import {
  makeInstalledProduct,
  standIn,
  writeSettings,
  type InstalledProduct,
} from '../test/packs/nemoclaw/installed-product.ts';
import { heading, say } from './steps.ts';

const program = resolve('dist/cli/main.js');
const pack = resolve('packs/nemoclaw');
const scenario = join(pack, 'scenarios/upgrade-openclaw-stale.yaml');
const work = mkdtempSync(join(tmpdir(), 'seatrial-installed-'));
const home = join(work, 'home-of-the-user');
const asked = process.argv.slice(2);
let [passed, failed] = [0, 0];

function tell(isHeld: boolean, what: string, why = ''): void {
  if (isHeld) passed += 1;
  else failed += 1;
  say(`${isHeld ? 'PASS' : 'FAIL'}: ${what}${isHeld || why === '' ? '' : ` (${why})`}`);
}

type Run = {
  readonly exit?: number;
  readonly verdict?: string;
  readonly checks?: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly message: string;
  }[];
};

type Said = { readonly code: number | null; readonly out: string; readonly err: string };

/** As a user whose home must be as empty afterwards as it was. */
function seatrial(...args: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { ...process.env, HOME: home },
  });
  return { code: status, out: stdout, err: stderr };
}

function runOn(product: InstalledProduct, store: string): Said & { readonly run: Run } {
  const settings = join(work, 'installed.yaml');
  writeSettings(settings, product);
  const said = seatrial(
    ...['run', '--scenario', scenario, '--subject', 'installed', '--subject-file', settings],
    ...['--store', store, '--quiet', '--json'],
  );
  return { ...said, run: said.out === '' ? {} : (JSON.parse(said.out) as Run) };
}

type Hostile = {
  readonly name: string;
  readonly which: 'nemoclaw' | 'openshell';
  readonly lines: string;
  readonly code: number;
  /** A check, and its verdict for this product; absent where no run begins. */
  readonly check?: readonly [string, 'failed' | 'error' | 'inconclusive'];
  readonly says?: string;
};

const isCheck = 'if [ "$1 $2" = "upgrade-sandboxes --check" ]; then';

const hostile: readonly Hostile[] = [
  {
    name: 'current',
    which: 'nemoclaw',
    lines: `${isCheck} "$real" "$@" > /dev/null; echo "everything is up to date"; exit 5; fi`,
    ...{ code: 1, check: ['lifecycle.upgrade.check-reports-stale', 'failed'] },
  },
  {
    name: 'version',
    which: 'openshell',
    lines:
      'case "$*" in "sandbox exec "*" -- openclaw --version") echo "openclaw 9.9.9"; exit;; esac',
    ...{ code: 1, check: ['lifecycle.upgrade.check-probes-live', 'failed'] },
  },
  {
    name: 'junk',
    which: 'openshell',
    lines: 'if [ "$*" = "sandbox list" ]; then head -c 300 /dev/urandom | base64; exit 0; fi',
    ...{ code: 3, check: ['lifecycle.upgrade.stale-observed', 'error'] },
  },
  {
    name: 'huge',
    which: 'openshell',
    lines: 'case "$*" in "policy get "*) yes "---" | head -c 6000000; exit 0;; esac',
    ...{ code: 3, check: ['lifecycle.upgrade.check-read-only', 'error'] },
  },
  {
    name: 'hangs',
    which: 'openshell',
    lines: 'case "$*" in "policy get "*) exec sleep 600;; esac',
    ...{ code: 3, check: ['lifecycle.upgrade.check-read-only', 'error'] },
  },
  {
    name: 'no-version',
    which: 'nemoclaw',
    lines: 'if [ "$1" = --version ]; then echo "the newest one"; exit 0; fi',
    ...{ code: 3, says: '--version tells no version' },
  },
  {
    name: 'replaced',
    which: 'nemoclaw',
    lines: `${isCheck} cp "$0" "$0.new"; echo "# another" >> "$0.new"; mv "$0.new" "$0"; fi`,
    ...{ code: 1, check: ['lifecycle.upgrade.check-probes-live', 'inconclusive'] },
  },
];

const isAsked = (name: string): boolean => asked.length === 0 || asked.includes(name);

function sound(product: InstalledProduct): void {
  heading('a sound product');
  const before = treeDigest(product.checkout);
  const store = join(work, 'store');
  const { code, err, run } = runOn(product, store);
  tell(code === 0, 'the scenario passes on an installed product', `${String(code)} ${err}`);
  for (const { id, verdict, message } of run.checks ?? [])
    tell(verdict === 'passed', id, `${verdict}: ${message}`);
  tell((run.checks ?? []).length > 0, 'it was judged');
  tell(
    treeDigest(product.checkout) === before,
    'its checkout is as it was, and so are its programs',
  );
  const codes = (subject: string): readonly string[] => codesOf(store, subject);
  tell(codes('reference').includes('wrong-subject'), 'it is no evidence about the reference');
  tell(!codes('installed').includes('wrong-subject'), 'it is evidence about what is installed');
}

function codesOf(store: string, subject: string): readonly string[] {
  const { out } = seatrial(
    ...['audit', 'status', '--pack', pack, '--store', store, '--rows', 'AQ-051'],
    ...['--subject', subject, '--json'],
  );
  const { rows = [] } = (out === '' ? {} : JSON.parse(out)) as {
    readonly rows?: readonly { readonly reasons: readonly { readonly code: string }[] }[];
  };
  return rows.flatMap(({ reasons }) => reasons.map(({ code }) => code));
}

function tryHostile(product: InstalledProduct, each: Hostile): void {
  const { name, which, code: wanted, check, says } = each;
  heading(`a product that is not: ${name}`);
  const path = join(product.checkout, 'stand-ins', `${which}-${name}`);
  const { code, err, run } = runOn({ ...product, [which]: path }, join(work, `store-${name}`));
  tell(code === wanted, `${name}: exit code ${String(wanted)}`, `${String(code)} ${err}`);
  if (says !== undefined) tell(err.includes(says), `${name}: says so`, err);
  if (check === undefined) return;
  const [id, verdict] = check;
  const found = run.checks?.find((one) => one.id === id);
  tell(found?.verdict === verdict, `${name}: ${id} is ${verdict}`, JSON.stringify(found ?? null));
}

try {
  mkdirSync(home);
  const checkout = join(work, 'product');
  await buildSubject(checkout, false);
  for (const each of hostile) standIn(checkout, each);
  const product = makeInstalledProduct(checkout);
  const empty = treeDigest(home);
  if (isAsked('sound')) sound(product);
  for (const each of hostile) if (isAsked(each.name)) tryHostile(product, each);
  tell(treeDigest(home) === empty, 'the home of whoever ran all this is as it was');
} finally {
  rmSync(work, { recursive: true, force: true });
}
say(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
