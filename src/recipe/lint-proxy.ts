// Rules of the proxy: a recipe may route its own domain and what is below it. Anything else would take
// other apps' requests.

import type { LintInput } from './lint-input.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { hostsOfRule } from './rule-hosts.ts';
import { entriesAt, type Entry } from './tree.ts';

const ruleLabel = /^traefik\.http\.routers\.[^.]+\.rule$/;

export function proxyRule({ recipe }: LintInput): readonly RecipeProblem[] {
  const { domain } = recipe.instance;
  return entriesAt(recipe.tree, 'services')
    .flatMap(([, { node }]) => entriesAt(node, 'deploy', 'labels'))
    .flatMap(([name, entry]) => (ruleLabel.test(name) ? judgeRule(name, entry, domain) : []));
}

function judgeRule(name: string, { node }: Entry, domain: string): readonly RecipeProblem[] {
  const rule = node.kind === 'scalar' ? String(node.value ?? '') : '';
  if (rule.trim() === '') return [];
  const isOwn = (host: string): boolean => host === domain || host.endsWith(`.${domain}`);
  const hosts = hostsOfRule(rule, isOwn) ?? [];
  const others = hosts.filter((host) => !isOwn(host));
  const foreign = others.find((host) => !isNobodys(host, domain));
  if (hosts.length > 0 && foreign === undefined)
    return others.slice(0, 1).map((host) =>
      problemAt(node, 'RCP021', `\`${name}\` routes ${host === '' ? 'no host' : `\`${host}\``}.`, {
        severity: 'warning',
        hint: 'Give its variable a host of yours, in `env` of the manifest.',
      }),
    );
  const what = foreign === undefined ? 'matches every host' : `takes requests for \`${foreign}\``;
  return [
    problemAt(node, 'RCP021', `\`${name}\` ${what}.`, {
      hint: 'Route Host(`${DOMAIN}`) and hosts below it.',
    }),
  ];
}

/** A host that is left out, or an example of the sample: nobody's requests go there. */
const isNobodys = (host: string, domain: string): boolean =>
  host === '' || (exampleZone(host) !== undefined && exampleZone(host) !== exampleZone(domain));

const exampleZone = (host: string): string | undefined =>
  /(?:^|\.)(example\.(?:com|org|net))$/.exec(host)?.[1];
