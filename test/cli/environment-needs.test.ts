import { expect, test } from 'vitest';
import { unmetNeeds, type NeedsHost } from '../../src/cli/environment-needs.ts';
import type { ProcessResult, Processes } from '../../src/ports/processes.ts';
import { WorldError } from '../../src/ports/world-error.ts';

const result = (exitCode: number, stdout: string): ProcessResult => ({
  ...{ exitCode, timedOut: false, cancelled: false, droppedBytes: 0, durationMs: 1 },
  ...{ stdout: new TextEncoder().encode(stdout), stderr: new Uint8Array() },
  ...{ channel: new Uint8Array(), survivors: [], signal: undefined },
});

/** A host with these programs: name → exit code and output. */
const processesOf = (programs: Readonly<Record<string, readonly [number, string]>>): Processes => ({
  find: (name) => Promise.resolve(name in programs ? `/bin/${name}` : undefined),
  run: ({ argv: [name] }) => {
    const [exitCode, stdout] = programs[name] ?? [];
    return exitCode === undefined
      ? Promise.reject(new WorldError('not-found', name))
      : Promise.resolve(result(exitCode, stdout ?? ''));
  },
});

type Environment = Parameters<typeof unmetNeeds>[0];
const environment = (more: Partial<Environment>): Environment => ({
  ...{ os: ['linux'], arch: ['x64'], driver: 'fake', product: [], network: 'none', needs: [] },
  ...more,
});
const host: NeedsHost = {
  ...{ os: 'linux', arch: 'x64', userId: 1000, path: '/bin', processes: processesOf({}) },
};

test.each<[Partial<Environment>, Partial<NeedsHost>, readonly string[]]>([
  [{}, {}, []],
  [{ os: ['darwin', 'win32'] }, {}, ['it is for darwin or win32, and this is linux']],
  [{ arch: ['arm64'] }, {}, ['it is for arm64, and this is x64']],
  [{ needs: ['root'] }, {}, ['it needs root']],
  [{ needs: ['root'] }, { userId: undefined }, ['it needs root']],
  [{ needs: ['root'] }, { userId: 0 }, []],
  [{ needs: ['docker'] }, {}, ['it needs Docker, and no engine answers']],
  [
    { needs: ['docker'] },
    { processes: processesOf({ docker: [1, ''] }) },
    ['it needs Docker, and no engine answers'],
  ],
  [{ needs: ['docker'] }, { processes: processesOf({ docker: [0, '26.1'] }) }, []],
  [
    { needs: ['netns'] },
    { processes: processesOf({ unshare: [1, ''] }) },
    ['it needs to make network namespaces'],
  ],
  [{ needs: ['netns'] }, { processes: processesOf({ unshare: [0, ''] }) }, []],
  [{ needs: ['landlock>=4'] }, { processes: processesOf({ perl: [0, '4'] }) }, []],
  [
    { needs: ['landlock>=4'] },
    { processes: processesOf({ perl: [0, '3'] }) },
    ['it needs Landlock 4, and this kernel has 3'],
  ],
  [
    { needs: ['landlock>=1'] },
    { processes: processesOf({ perl: [0, '-1'] }) },
    ['it needs Landlock 1, and this kernel has none'],
  ],
  [{ needs: ['landlock>=1'] }, {}, ['it needs Landlock 1, and this kernel has none']],
  [
    { needs: ['prepared:old'], arch: ['arm64'] },
    {},
    [
      'it is for arm64, and this is x64',
      'it needs `prepared:old`, and nothing on this host says that it is there',
    ],
  ],
])('%j', async (wanted, has, unmet) => {
  expect(await unmetNeeds(environment(wanted), { ...host, ...has })).toEqual(unmet);
});
