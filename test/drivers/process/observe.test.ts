import { appendFile, chmod, cp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import type { JsonObject } from '../../../src/ports/json.ts';
import { cleanUp, codeOf, make, never, running, settle, specOf, withMode } from './counter.ts';
import { counterSettings, digested, type ProcessSubjectOptions } from './subject.ts';

afterEach(cleanUp);

describe('identity', () => {
  type Made = Awaited<ReturnType<typeof running>>;
  const release = ({ context }: Made): string => join(context.work, 'release');

  it.each<[string, keyof JsonObject, (made: Made) => Promise<void>]>([
    ['a file edited', 'tree', (made) => appendFile(join(release(made), 'main.mjs'), '//')],
    ['a file added', 'tree', (made) => writeFile(join(release(made), 'extra.mjs'), '')],
    ['a file removed', 'tree', (made) => rm(join(release(made), 'counter.mjs'))],
    ['a mode changed', 'tree', (made) => chmod(join(release(made), 'main.mjs'), 0o600)],
    [
      'the tree swapped for an equal one',
      'tree',
      async (made) => {
        await rename(release(made), `${release(made)}-old`);
        await cp(`${release(made)}-old`, release(made), { recursive: true });
      },
    ],
    [
      'a configuration file edited',
      'config',
      (made) => writeFile(join(made.context.work, 'config/app.json'), '{}'),
    ],
  ])('differs after %s', async (_, key, tamper) => {
    const made = await running();
    const rendering = await made.deployment.render(made.subject.base, 'base');
    expect(specOf(await made.deployment.observe())).toEqual(rendering.services['app']);
    await tamper(made);
    const { [key]: seen, ...rest } = specOf(await made.deployment.observe());
    const { [key]: wanted, ...same } = rendering.services['app'] ?? {};
    expect(rest).toEqual(same);
    expect(seen).not.toEqual(wanted);
  });
});

describe('identity of what was executed', () => {
  const { process: section } = counterSettings;
  it.each<[string, ProcessSubjectOptions]>([
    ['argv', { settings: { process: { ...section, start: [...section.start, '--x'] } } }],
    ['cwd', { settings: { process: { ...section, cwd: '{data}' } } }],
    ['exe', { settings: { process: { ...section, start: ['sh', '{release}/main.mjs'] } } }],
    ['config', { settings: { process: { ...section, config: {} } } }],
    ['env', { env: { MORE: '1' } }],
  ])('differs from another %s', async (key, other) => {
    const { deployment, subject, driver, context } = await running();
    const settings = { ...context.settings, ...other.settings };
    const wanted = await driver.open({
      ...context,
      settings,
      env: { ...context.env, ...other.env },
    });
    const rendering = await wanted.render(subject.base, 'base');
    expect(specOf(await deployment.observe())[key]).not.toEqual(rendering.services['app']?.[key]);
  });

  it('holds for an app that changes its title', async () => {
    const { deployment, subject } = await running(withMode('title'));
    const { services } = await deployment.render(subject.base, 'base');
    const snapshot = await deployment.observe();
    expect(specOf(snapshot)).toEqual(services['app']);
    expect(JSON.stringify(snapshot.facts)).toContain('counter: master process');
  });

  it.each([
    [
      'a script that becomes node',
      '#!/bin/sh\nmain=$(dirname "$0")/main.mjs; cd /; exec node "$main" "$@"\n',
    ],
    ['a script of env', '#!/usr/bin/env node\nimport "./main.mjs";\n'],
  ])('holds for %s', async (_, text) => {
    const start = ['{release}/run.mjs', ...section.start.slice(2)];
    const made = await make({ settings: { process: { ...section, start } } });
    await writeFile(join(made.subject.base.root, 'run.mjs'), text, { mode: 0o755 });
    const base = await digested(made.subject.base.root, '1.0.0');
    await made.deployment.install(base, 'base', never);
    expect(await made.deployment.settled(settle)).toMatchObject({ state: 'converged' });
    const { services } = await made.deployment.render(base, 'base');
    expect(specOf(await made.deployment.observe())).toEqual(services['app']);
  });

  it('of a release that changed after it was prepared is refused', async () => {
    const { deployment, subject } = await make();
    await appendFile(join(subject.base.root, 'main.mjs'), '// later');
    expect(await codeOf(deployment.install(subject.base, 'base', never))).toBe('refused');
  });
});
