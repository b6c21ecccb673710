// `gates attest` from its arguments to its exit code.

import { basename, resolve } from 'node:path';
import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import { loadSigner } from '../drivers/signer.ts';
import { openStore } from '../evidence/store.ts';
import { trustOf } from '../evidence/keys.ts';
import { gateDigest, statementMin, targetDigest } from '../gates/manual-record.ts';
import type { GateWorld } from '../gates/gate-world.ts';
import { runAttest } from '../gates/run-attest.ts';
import type { Head } from '../ports/work-tree.ts';
import { closeBundle } from '../lifecycle/close-bundle.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { many } from './findings-options.ts';
import { gateNamed, openGates, type OpenedGates } from './gates-file.ts';
import { findHead, makeGateWorld } from './gates-world.ts';
import { projectReports } from './projections.ts';
import { readTrustedKeys } from './signing.ts';
import { storeOf } from './store.ts';

const evidenceMaxBytes = 64 * 1024 * 1024;

export async function runGatesAttest({ args, values }: Input, terminal: Terminal): Promise<number> {
  const opened = await openGates(values, terminal);
  const [name = ''] = args;
  const gate = gateNamed(opened, name);
  if (gate.manual === undefined)
    throw new UsageError(`the gate ${name} has no manual part`, 'nothing of it can be signed');
  const statement = statementOf(values);
  const evidence = await readEvidence(values, terminal);
  const world = await makeGateWorld(terminal);
  const head = await cleanHead(world, opened, values);
  const signer = await loadSigner(resolve(terminal.cwd, keyOf(values, terminal)));
  const owner = await ownerOf(signer.keyId, values, terminal);
  const root = resolve(terminal.cwd, storeOf(values, terminal));
  const store = await openStore({ ...world, root });
  const { run, record } = await runAttest(world, {
    store,
    signer,
    evidence,
    record: {
      schema: 'urn:seatrial:schema:gate-statement:1',
      gate: name,
      gate_digest: gateDigest(gate),
      target_digest: targetDigest(opened.file, gate),
      commit: head.commit,
      key_id: signer.keyId,
      signer: owner,
      role: text(values, 'role') ?? gate.manual.role ?? 'signer',
      statement,
      decision: flag(values, 'reject') ? 'reject' : 'confirm',
    },
    close: (bundle) => closeBundle(world, bundle, { store, project: projectReports(store.root) }),
  });
  terminal.out(
    flag(values, 'json')
      ? `${JSON.stringify({ run, record })}\n`
      : `${record.signer} ${record.decision}s ${name} for ${head.commit.slice(0, 12)}: run ${run}\n`,
  );
  return exit.passed;
}

async function cleanHead(world: GateWorld, { folder }: OpenedGates, values: Values): Promise<Head> {
  const head = await findHead(world, folder);
  if (head === undefined)
    throw new UsageError(`${folder} is in no repository`, 'a statement is about a commit');
  if (head.dirty && !flag(values, 'allow-dirty'))
    throw new UsageError(
      'the work tree holds changes that no commit has',
      'commit them, or say --allow-dirty',
    );
  return head;
}

async function ownerOf(keyId: string, values: Values, terminal: Terminal): Promise<string> {
  const keys = await readTrustedKeys(text(values, 'keys'), terminal);
  const trust = trustOf(keys, keyId, systemClock.now());
  if (trust.state === 'unknown')
    throw new UsageError(
      `key ${keyId} is not among the trusted keys`,
      'the statement would count for nothing; add the key to the keys file first',
    );
  return trust.key.owner;
}

function statementOf(values: Values): string {
  const statement = text(values, 'statement')?.trim() ?? '';
  if (Array.from(statement).length < statementMin)
    throw new UsageError(
      `--statement needs at least ${String(statementMin)} characters`,
      'say what you saw',
    );
  return statement;
}

function keyOf(values: Values, { env }: Terminal): string {
  const key = text(values, 'key') ?? env['SEATRIAL_SIGNING_KEY'];
  if (key === undefined || key === '')
    throw new UsageError('--key is missing', 'seatrial keys new makes one');
  return key;
}

async function readEvidence(values: Values, terminal: Terminal) {
  const paths = many(values, 'evidence');
  if (paths.length === 0 && !flag(values, 'reject'))
    throw new UsageError('--evidence is missing', 'name the files that you saw');
  const names = paths.map((path) => basename(path));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`two files of evidence are called ${twice}`);
  return Promise.all(
    paths.map(async (path) => {
      const file = resolve(terminal.cwd, path);
      const stat = await systemFiles.stat(file);
      if (stat?.kind !== 'file') throw new UsageError(`there is no file ${path}`);
      if (stat.sizeBytes === 0) throw new UsageError(`${path} is empty`, 'it shows nothing');
      return { name: basename(path), bytes: await systemFiles.read(file, evidenceMaxBytes) };
    }),
  );
}
