// A product that keeps a policy in one file and gives it out as the real one does.

import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import type { FixturePlace } from '../../src/lifecycle/fixture-kind.ts';
import { orderOf, type FixtureWorld } from './fixture-world.ts';

const rule = (host: string) => ({ endpoints: [{ host, port: 443, rules: [] }] });

/** Keys in order, as the journal has them: what is written from it is the same text. */
export const policyBefore = {
  filesystem_policy: { read_only: ['/usr'], read_write: ['/sandbox'] },
  network_policies: { registry: rule('registry.test') },
};

export const preset = {
  preset: { name: 'more', description: 'More.' },
  network_policies: { more: rule('more.test') },
};

const liveFile = ({ home }: FixtureWorld): string => `${home}/live.yaml`;

export async function setUpPolicy(world: FixtureWorld): Promise<void> {
  await writeFile(liveFile(world), stringify(policyBefore));
  await writeFile(`${world.place.pack}/more.yaml`, stringify(preset));
}

export const livePolicy = async (world: FixtureWorld): Promise<unknown> =>
  parse(await readFile(liveFile(world), 'utf8')) as unknown;

export const setLive = (world: FixtureWorld, policy: unknown): Promise<void> =>
  writeFile(liveFile(world), stringify(policy));

export const policyOrder = () =>
  orderOf('policy', {
    sandbox: 'demo',
    presets: ['more.yaml'],
    paths: { read_write: ['/dev', '/dev/shm'] },
  });

export const withPolicy = (place: FixturePlace, world: FixtureWorld): FixturePlace => ({
  ...place,
  policy: {
    get: [
      'sh',
      '-c',
      `test -e "$1" || exit 3; printf 'Version: 1\\n---\\n'; cat "$1"`,
      '{sandbox}',
      liveFile(world),
    ],
    set: ['cp', '{file}', liveFile(world)],
    gone: [3],
  },
});

/** A product's own file, with a comment and a key that nobody asked for. */
export const policyFileText = `# What sandboxes are made from.
version: 1
filesystem_policy:
  read_only: [/usr]
  # The owner's folder.
  read_write: [/sandbox]
`;

export const policyFile = ({ home }: FixtureWorld): string => `${home}/blueprint.yaml`;

export const policyFileOrder = (world: FixtureWorld) =>
  orderOf('policy', { file: policyFile(world), paths: { read_write: ['/dev', '/dev/shm'] } });
