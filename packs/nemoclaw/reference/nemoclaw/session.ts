// What the last onboarding did, step by step, so that one that was cut off can go on.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../shared/failure.ts';
import { writeJson } from '../shared/write-beside.ts';
import { nemoclawFolder } from './registry.ts';

export const stepNames = ['preflight', 'provider', 'inference', 'sandbox', 'policies'] as const;
export type StepName = (typeof stepNames)[number];

type Step = {
  readonly status: 'pending' | 'running' | 'complete' | 'failed';
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly error: string | null;
};

export type Session = {
  readonly version: 1;
  readonly sandboxName: string;
  readonly agent: string;
  readonly status: 'running' | 'complete' | 'failed';
  readonly resumable: boolean;
  readonly policyPresets: readonly string[];
  /** The name of the variable, not what it holds. */
  readonly credentialEnv: string;
  readonly metadata: { readonly gatewayName: string; readonly fromDockerfile: string | null };
  readonly steps: Readonly<Record<StepName, Step>>;
};

const pending: Step = { status: 'pending', startedAt: null, completedAt: null, error: null };

export const pendingSteps = Object.fromEntries(
  stepNames.map((name) => [name, pending]),
) as Session['steps'];

const sessionFile = (): string => join(nemoclawFolder(), 'onboard-session.json');

export function readSession(): Session | undefined {
  const path = sessionFile();
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Session) : undefined;
}

export function writeSession(session: Session): void {
  mkdirSync(nemoclawFolder(), { recursive: true, mode: 0o700 });
  writeJson(sessionFile(), session);
}

const now = (): string => new Date().toISOString();

/** Does one step unless an earlier attempt did, and records it before and after. */
export async function takeStep(
  session: Session,
  name: StepName,
  take: () => Promise<void>,
): Promise<Session> {
  if (session.steps[name].status === 'complete') return session;
  const withStep = (step: Step, more: Partial<Session> = {}): Session => ({
    ...session,
    ...more,
    steps: { ...session.steps, [name]: step },
  });
  const started: Step = { ...pending, status: 'running', startedAt: now() };
  writeSession(withStep(started));
  try {
    await take();
  } catch (error) {
    const failed: Step = { ...started, status: 'failed', error: messageOf(error) };
    writeSession(withStep(failed, { status: 'failed', resumable: true }));
    throw error;
  }
  const done = withStep({ ...started, status: 'complete', completedAt: now() });
  writeSession(done);
  return done;
}
