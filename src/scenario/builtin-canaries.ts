// The faults that every fixture of a pack has by itself (F17): one that is never applied is not staged, one that is
// never undone is not restored. A pack that writes one down
// under the same name means that one.

import type { Canary } from './canaries.ts';
import type { Pack } from './load-pack.ts';
import { selfEndingKinds, type Scenario } from './scenario-schema.ts';

export function builtinCanaries({
  scenarios,
  canaries,
}: Pick<Pack, 'scenarios' | 'canaries'>): readonly Canary[] {
  const nameOf = ({ scenario, id }: Canary): string => `${scenario} ${id}`;
  const written = new Set(canaries.map(nameOf));
  return [...scenarios]
    .flatMap(([id, { value }]) => ofScenario(id, value))
    .filter((canary) => !written.has(nameOf(canary)));
}

function ofScenario(scenario: string, { spec: { fixtures } }: Scenario): readonly Canary[] {
  return fixtures.flatMap(({ id, kind }, index): readonly Canary[] => {
    const [earlier] = fixtures.slice(0, index).toReversed();
    const beside = earlier === undefined ? redactor : `fixture.${earlier.id}.staged`;
    const apply = fault('apply-skipped', id, { kills: 'staged', spares: beside });
    const undo = fault('undo-skipped', id, {
      ...{ kills: 'restored', spares: `fixture.${id}.staged` },
    });
    const both = selfEndingKinds.includes(kind) ? [apply] : [apply, undo];
    return both.map((each) => ({ ...each, scenario }));
  });
}

const redactor = 'run.secrets.redactor-alive';

const fault = (
  name: 'apply-skipped' | 'undo-skipped',
  fixture: string,
  { kills, spares }: { readonly kills: 'staged' | 'restored'; readonly spares: string },
): Omit<Canary, 'scenario'> => ({
  id: `${name}:${fixture}`,
  plant: { builtin: `${name}:${fixture}` },
  kills: [`fixture.${fixture}.${kills}`],
  spares: [spares],
});
