// Policies of the three places, compared by host, port and rule: a product that keeps names and widens what they
// allow is noticed, and so is a preset that comes back under another name.

import { readFile } from 'node:fs/promises';
import type { JsonObject, PackCollector, PackContext, PackPorts } from 'seatrial';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import * as checks from '../../../packs/nemoclaw/checks/rebuild-policy.ts';
import { afterAction, packContext } from './pack-context.ts';

const shipped = 'packs/nemoclaw/reference/blueprint/policies';
const textOf = (preset: string): Promise<string> => readFile(`${shipped}/${preset}.yaml`, 'utf8');
const network = async (preset: string): Promise<JsonObject> =>
  (parse(await textOf(preset)) as { network_policies: JsonObject }).network_policies;

const custom = {
  name: 'team',
  content: stringify({
    network_policies: {
      team: {
        endpoints: [{ host: 'team.test', port: 80, rules: [{ method: 'GET', path: '/a' }] }],
      },
    },
  }),
};
const team = (parse(custom.content) as { network_policies: JsonObject }).network_policies;

type Places = {
  readonly registry: readonly string[];
  readonly manifest: readonly string[];
  readonly live: JsonObject;
};

function contextOf({ registry, manifest, live }: Places): PackContext {
  const home = '/home';
  const files: Readonly<Record<string, JsonObject>> = {
    [`${home}/.nemoclaw/sandboxes.json`]: {
      sandboxes: { 'subject-01234567': { policies: [...registry], customPolicies: [custom] } },
    },
    [`${home}/.nemoclaw/rebuild-backups/subject-01234567/one/rebuild-manifest.json`]: {
      ...{ policyPresets: [...manifest], customPolicyPresets: [custom] },
    },
  };
  const read: PackPorts['state']['read'] = async (path) => {
    const preset = /^\/product\/blueprint\/policies\/(.+)\.yaml$/.exec(path)?.[1];
    const text = preset === undefined ? JSON.stringify(files[path]) : await textOf(preset);
    return { kind: 'file', text };
  };
  const tree: PackPorts['state']['tree'] = () =>
    Promise.resolve({ '.': { kind: 'directory' }, one: { kind: 'directory' } });
  const run = (): Promise<never> => Promise.reject(new Error('nothing is started here'));
  const context = packContext({ product: '/product', home, ports: { run, state: { read, tree } } });
  const text = JSON.stringify({ body: { network_policies: live } });
  const gateway: PackPorts['gateway'] = () => Promise.resolve({ status: 200, text });
  return { ...context, ports: { ...context.ports, gateway } };
}

const facts = (check: PackCollector, places: Places): Promise<JsonObject> =>
  check.after({ ...contextOf(places), ...afterAction({ exit: 0 }) });

const rulesSeen = async (places: Places): Promise<readonly unknown[]> => {
  const all = [checks.policyRegistry, checks.policyLive, checks.policyBackupManifest];
  return Promise.all(all.map(async (check) => (await facts(check, places))['rules']));
};

describe('three places', () => {
  const names = ['pypi', 'npm'];
  const whole = async (): Promise<Places> => ({
    ...{ registry: names, manifest: names },
    live: { ...(await network('npm')), ...(await network('pypi')), ...team },
  });

  test('with one set of rules, a line for each', async () => {
    const lines = [
      'npm npm.example.org:443 GET /**',
      'pypi files.pypi.example.org:443 GET /packages/**',
      'pypi pypi.example.org:443 GET /simple/**',
      'team team.test:80 GET /a',
    ];
    expect(await rulesSeen(await whole())).toEqual([lines, lines, lines]);
  });

  test.each([
    ['a wider path', (text: string) => text.replace('"/simple/**"', '"/**"'), 1],
    ['another port', (text: string) => text.replace('"port":443', '"port":444'), 1],
    ['another host', (text: string) => text.replace('npm.example.org', 'else.example.org'), 1],
  ])('%s in the gateway alone is another set', async (_, change, place) => {
    const good = await whole();
    const live = JSON.parse(change(JSON.stringify(good.live))) as JsonObject;
    expect(live).not.toEqual(good.live);
    const seen = await rulesSeen({ ...good, live });
    expect(seen[place]).not.toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  test('a manifest that forgot a preset is another set', async () => {
    const [registry, , manifest] = await rulesSeen({ ...(await whole()), manifest: ['npm'] });
    expect(manifest).not.toEqual(registry);
  });

  test('a preset that nobody applied is found by its rules, whatever its name', async () => {
    const good = await whole();
    const none = { live: 0, registry: 0, manifest: 0 };
    expect(await facts(checks.policyAbsentStaysAbsent, good)).toMatchObject({
      ...{ preset: 'discord', inLive: false, rules: none },
    });
    const renamed = { ...good.live, chat: (await network('discord'))['discord'] ?? null };
    const manifest = [...good.manifest, 'discord'];
    const found = await facts(checks.policyAbsentStaysAbsent, { ...good, live: renamed, manifest });
    expect(found).toMatchObject({
      ...{ inLive: false, inRegistry: false, inManifest: true },
      rules: { live: 2, registry: 0, manifest: 2 },
    });
  });
});
