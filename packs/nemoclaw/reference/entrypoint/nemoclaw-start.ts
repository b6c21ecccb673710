// What a sandbox's container runs as root: it makes the agent's home safe, applies overrides, and then
// starts the agent's gateway as a user that owns nothing else. Exit 10 not root, 11 unsafe link,
// 12 refused value.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../shared/failure.ts';
import { mutant, mutantEnvironment } from '../shared/mutant.ts';
import { say, startProgram } from '../shared/program.ts';
import { agentHome, type AgentHome, type AgentName } from './agent-home.ts';
import { takePidLock } from './pid-lock.ts';
import { prepareHome } from './prepare-home.ts';
import { hasConfig, writeConfig } from './write-config.ts';

const lockFolder = '/run/nemoclaw';

async function main(): Promise<number> {
  if (process.getuid?.() !== 0) throw new Failure(10, 'nemoclaw-start must be root');
  const home = homeOf(process.env['NEMOCLAW_AGENT'] ?? '');
  mkdirSync(lockFolder, { recursive: true, mode: 0o755 });
  const release = await takePidLock(join(lockFolder, 'start.pid'));
  if (release === undefined) {
    say('a gateway runs already');
    return 0;
  }
  try {
    prepareHome(home);
    if (!hasConfig(home)) throw new Failure(1, `there is no ${home.config}`);
    writeConfig(home, process.env);
    return await runGateway(process.env['NEMOCLAW_AGENT'] ?? '', home);
  } finally {
    release();
  }
}

function homeOf(agent: string): AgentHome {
  const sandbox = process.env['HOME'] ?? '/sandbox';
  const names: readonly string[] = ['openclaw', 'hermes'];
  if (!names.includes(agent)) throw new Failure(2, `there is no agent ${agent}`);
  const isOldLayout =
    agent === 'openclaw' &&
    existsSync(`${sandbox}/.openclaw-data`) &&
    !existsSync(`${sandbox}/.openclaw/openclaw.json`);
  return agentHome(agent as AgentName, sandbox, isOldLayout);
}

function runGateway(agent: string, { runsAs }: AgentHome): Promise<number> {
  const { uid, gid } = mutant('entry.run-as-root') ? { uid: 0, gid: 0 } : runsAs;
  const child = spawn(`/usr/local/bin/${agent}`, ['gateway', 'run'], {
    stdio: 'inherit',
    uid,
    gid,
    env: { HOME: process.env['HOME'], PATH: process.env['PATH'], ...mutantEnvironment() },
  });
  return new Promise((resolve, reject) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code ?? 143);
    });
  });
}

void startProgram('nemoclaw-start', main);
