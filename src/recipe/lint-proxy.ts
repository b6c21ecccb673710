// Rules of the proxy: a recipe may route its own domain and what is below it. Anything else would take
// other apps' requests.

import type { LintInput } from './lint-input.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
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
  const hosts = hostsOf(rule);
  const foreign = hosts.find((host) => host !== domain && !host.endsWith(`.${domain}`));
  if (hosts.length > 0 && foreign === undefined) return [];
  const what = foreign === undefined ? 'matches every host' : `takes requests for \`${foreign}\``;
  return [
    problemAt(node, 'RCP021', `\`${name}\` ${what}.`, {
      hint: 'Route Host(`${DOMAIN}`) and hosts below it.',
    }),
  ];
}

/** Hosts of `Host(…)` and `HostRegexp(…)`, also where several stand in one. */
function hostsOf(rule: string): readonly string[] {
  return [...rule.matchAll(/Host(?:Regexp)?\(\s*((?:[`"'][^`"']*[`"'][\s,]*)+)\)/g)].flatMap(
    ([, list = '']) =>
      [...list.matchAll(/[`"']([^`"']*)[`"']/g)].map(([, host = '']) =>
        host.replaceAll('\\.', '.').replace(/\$$/, ''),
      ),
  );
}
