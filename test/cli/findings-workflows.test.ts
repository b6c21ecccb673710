// What `findings classify` says of workflows beyond their syntax: signatures, risks, and what running
// them against the provider in memory shows.

import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aetherSign } from '../../src/cli/commands/aether-sign.ts';
import { findingsClassify } from '../../src/cli/commands/findings-classify.ts';
import { keysNew } from '../../src/cli/commands/keys-new.ts';
import type { Command } from '../../src/cli/command.ts';
import {
  classificationJsonSchema,
  classificationSchema,
  type Workflow,
} from '../../src/findings/classification-schema.ts';
import { schemaErrors } from '../findings/samples.ts';
import { runCommand } from './run-command.ts';
import { makeWorkflowFolder, type WorkflowFolder } from './workflow-folder.ts';

let folder: WorkflowFolder;
beforeEach(() => {
  folder = makeWorkflowFolder();
});
afterEach(() => {
  folder.remove();
});

const call = (command: Command, ...argv: string[]) =>
  runCommand(command, argv, { cwd: folder.cwd, env: { SOURCE_DATE_EPOCH: '1772366400' } });

/** The workflows as the artifact has them, which must fit its published schema. */
async function classified(...argv: string[]): Promise<readonly Workflow[]> {
  const { code, err } = await call(findingsClassify, '--no-history', ...argv);
  expect([code, err]).toEqual([0, '']);
  const artifact = JSON.parse(folder.read('workflow_failures.json')) as object;
  expect(schemaErrors(classificationJsonSchema, artifact)).toEqual([]);
  return classificationSchema.parse(artifact).workflows;
}

const sound = 'goal: "x"\nstore("a", tag="t")\n';
const endless = 'goal: "x"\nfor i in range(0, 1000000):\n  log("again")\n';

describe('--execute', () => {
  test('sound files are run, the others are not; what fails is a finding with its place', async () => {
    folder.write({ 'a.aether': sound, 'b.aether': endless, 'c.aether': 'goal: "x"\ny: foo(1)\n' });
    const parsed = await classified();
    expect(parsed.map(({ phase, code }) => [phase, code])).toEqual([
      ['parse', 0],
      ['parse', 0],
      ['parse', 25],
    ]);
    const ran = await classified('--execute');
    expect(
      ran.map(({ phase, code, category, rule, line }) => [phase, code, category, rule, line]),
    ).toEqual([
      ['execute', 0, 'OK', null, null],
      ['execute', 21, 'RuntimeError', 'E_RUN_MAX_STEPS', expect.any(Number)],
      ['parse', 25, 'ValidationError', 'E_CALL_UNKNOWN', 2],
    ]);
    expect(await classified('--execute')).toEqual(ran);
  });

  test('nothing is written but the artifacts', async () => {
    folder.write({ 'a.aether': sound });
    await classified('--execute');
    expect(fs.readdirSync(folder.cwd).sort()).toEqual([
      'a.aether',
      'workflow_failures.json',
      'workflow_failures.md',
    ]);
  });

  test('told to end, it is no classification of a part', async () => {
    folder.write({ 'a.aether': endless, 'b.aether': sound });
    const stop = new AbortController();
    stop.abort();
    const argv = ['--execute', '--no-history'];
    const ended = runCommand(findingsClassify, argv, { cwd: folder.cwd, signal: stop.signal });
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' });
    expect(fs.existsSync(`${folder.cwd}/workflow_failures.json`)).toBe(false);
  });

  test('it judges by its own checker alone', async () => {
    folder.write({ 'a.aether': sound });
    const ended = await call(findingsClassify, '--execute', '--compat', 'reference');
    expect(ended.code).toBe(2);
  });
});

test('risks are counted in the artifact and are no findings', async () => {
  folder.write({ 'a.aether': 'goal: "x"\nnarrate("eval this")\n', 'b.aether': sound });
  const workflows = await classified();
  expect(workflows.map(({ ok, risk_score }) => [ok, risk_score])).toEqual([
    [true, 5],
    [true, 0],
  ]);
});

test('signatures: unsigned says nothing, unless signatures are demanded', async () => {
  folder.write({ 'a.aether': sound, 'b.aether': sound, 'c.aether': sound });
  await call(keysNew, '--owner', 'me', '--out', 'key.pem');
  await call(aetherSign, '--key', 'key.pem', 'a.aether', 'b.aether');
  folder.write({ 'b.aether': folder.read('b.aether').replace('"a"', '"b"') });
  const facts = (all: readonly Workflow[]) =>
    all.map(({ signature_verified, category, rule }) => [signature_verified, category, rule]);
  expect(facts(await classified())).toEqual([
    [true, 'OK', null],
    [false, 'OK', null],
    [null, 'OK', null],
  ]);
  expect(facts(await classified('--verify'))).toEqual([
    [true, 'OK', null],
    [false, 'SignatureInvalid', 'E_SIG_MISMATCH'],
    [null, 'SignatureMissing', 'E_SIG_MISSING'],
  ]);
});
