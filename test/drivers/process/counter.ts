import type { ChildProcess } from 'node:child_process';
import { expect, vi } from 'vitest';

import { describeProcess, isAlive, listProcesses } from '../../../src/drivers/process/proc.ts';
import type { Snapshot } from '../../../src/ports/app-driver.ts';
import type { JsonObject } from '../../../src/ports/json.ts';
import type { Opened } from '../contract.ts';
import { makeProcessSubject, type ProcessSubject, type ProcessSubjectOptions } from './subject.ts';

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

export const never = new AbortController().signal;
export const settle = { settleMs: 50, timeoutMs: 10_000, signal: never };

export const children: ChildProcess[] = [];
const subjects: { subject: ProcessSubject; opened: Opened[] }[] = [];
/** Ends and removes whatever a test left; for afterEach. */
export async function cleanUp(): Promise<void> {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const { subject, opened } of subjects.splice(0)) {
    for (const { resources } of opened)
      await subject.driver().remove(resources(), { signal: never, graceMs: 0 });
    await subject.dispose();
  }
}

export async function make(options: ProcessSubjectOptions = {}) {
  const subject = await makeProcessSubject(options);
  const opened = await subject.open();
  subjects.push({ subject, opened: [opened] });
  const driver = subject.driver();
  const deployment = await driver.open(opened.context);
  return { subject, driver, deployment, ...opened };
}

export async function installed(options: ProcessSubjectOptions = {}) {
  const made = await make(options);
  await made.deployment.install(made.subject.base, 'base', never);
  return made;
}

export async function running(options: ProcessSubjectOptions = {}) {
  const made = await installed(options);
  expect(await made.deployment.settled(settle)).toMatchObject({ state: 'converged' });
  return made;
}

export const specOf = ({ services }: Snapshot): JsonObject => services['app']?.spec ?? {};
export const withMode = (mode: string, more: Readonly<Record<string, string>> = {}) => ({
  env: { COUNTER_MODE: mode, ...more },
});
export const livingWith = (token: string) =>
  listProcesses().filter((each) => isAlive(each) && describeProcess(each.pid).includes(token));
export const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (error as { code: string }).code,
  );
