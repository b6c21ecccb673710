import { describe, expect, it } from 'vitest';

import { hookScript, isInScope, readScope } from '../../../src/drivers/docker/backup-scope.ts';

const volumes = ['data', 'cache'];
const codes = (labels: Readonly<Record<string, string>>) =>
  readScope({ app: labels }, volumes).findings.map(({ code }) => code);

describe('readScope', () => {
  it('takes all volumes, leaves excluded ones out and limits others to paths', () => {
    const { services, volumes: scopes } = readScope(
      {
        app: { 'backupbot.backup': 'true', 'backupbot.backup.volumes.cache': 'false' },
        db: { 'backupbot.backup.volumes.data.path': '/dump.sql, logs/' },
      },
      volumes,
    );
    expect(services).toEqual(['app']);
    expect(scopes).toEqual([{ volume: 'data', paths: ['dump.sql', 'logs'] }]);
  });

  it('finds hooks in the service that carries them', () => {
    const label = { 'backupbot.backup': 'true', 'backupbot.backup.pre-hook': 'pg_dump > /d' };
    expect(readScope({ db: label }, volumes).hooks).toEqual([
      { service: 'db', kind: 'backup.pre-hook', command: 'pg_dump > /d' },
    ]);
  });

  it.each([
    [{ 'backupbot.backup': 'false' }, ['volumes-not-backed-up']],
    [{ 'backupbot.backup': 'true', 'backupbot.backup.path': '/x' }, ['backup-label-ignored']],
    [
      { 'backupbot.backup': 'true', 'backupbot.backup.volumes.gone': 'false' },
      ['backup-unknown-volume'],
    ],
    [
      { 'backupbot.backup': 'true', 'backupbot.backup.volumes.data.path': '../x' },
      ['backup-path-leads-out'],
    ],
    [{ 'backupbot.backup': 'true' }, []],
  ])('%j is told as %j', (labels, found) => {
    expect(codes(labels as Readonly<Record<string, string>>)).toEqual(found);
  });
});

describe('isInScope', () => {
  it.each([
    [['dump'], 'dump', true],
    [['dump'], 'dump/a', true],
    [['dump'], 'dumpster', false],
    [['dump'], '.', false],
    [undefined, 'anything', true],
  ])('%j holds %s: %s', (paths, path, held) => {
    const scope = { volume: 'data', ...(paths === undefined ? {} : { paths }) };
    expect(isInScope(scope, path)).toBe(held);
  });
});

describe('hookScript', () => {
  it.each([
    ["sh -c 'false | gzip > /d'", 'false | gzip > /d'],
    ['/bin/bash -c "echo \\"a\\" | cat"', 'echo "a" | cat'],
    ["bash -c 'a' && 'b'", "bash -c 'a' && 'b'"],
    ['pg_dump -f /d', 'pg_dump -f /d'],
  ])('%s runs as %s', (command, script) => {
    expect(hookScript(command)).toBe(script);
  });
});
