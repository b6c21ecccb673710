// Every planted fault of the reference: which program it is in, the file that asks for it, and what it
// does there. The code asks for each at exactly one place.

export type Mutant = {
  readonly id: string;
  readonly program: string;
  /** The file, below `reference/`. */
  readonly where: string;
  readonly plants: string;
};

export const mutants = [
  {
    id: 'gateway.allow-all',
    program: 'openshell',
    where: 'openshell/policy.ts',
    plants: 'answers every request, whatever the policy says',
  },
  {
    id: 'gateway.deny-all',
    program: 'openshell',
    where: 'openshell/policy.ts',
    plants: 'denies every request',
  },
  {
    id: 'gateway.ignore-paths',
    program: 'openshell',
    where: 'openshell/policy.ts',
    plants: 'drops the writable paths of a policy',
  },
  {
    id: 'gwup.lose-provider',
    program: 'openshell',
    where: 'openshell/migrate.ts',
    plants: 'migrates all providers but the first',
  },
  {
    id: 'gwup.drop-route',
    program: 'openshell',
    where: 'openshell/migrate.ts',
    plants: 'migrates without the route to inference',
  },
  {
    id: 'gwup.keep-schema',
    program: 'openshell',
    where: 'openshell/state-current.ts',
    plants: 'goes on with the old schema',
  },
  {
    id: 'gwup.version-lies',
    program: 'openshell',
    where: 'openshell/calls.ts',
    plants: 'tells the version of the next release',
  },
  {
    id: 'gwup.orphan-survivor',
    program: 'openshell',
    where: 'openshell/gateway.ts',
    plants: 'does not listen to sandboxes it did not make',
  },
  {
    id: 'gwup.restart-survivor',
    program: 'openshell',
    where: 'openshell/gateway.ts',
    plants: 'restarts what it adopts',
  },
  {
    id: 'gwup.wipe-home',
    program: 'openshell',
    where: 'openshell/gateway.ts',
    plants: 'empties the home of what it adopts',
  },
  {
    id: 'agent.version-lies',
    program: 'openclaw',
    where: 'agents/openclaw/openclaw.ts',
    plants: 'tells the version of the next release',
  },
  {
    id: 'agent.canned-answer',
    program: 'openclaw',
    where: 'agents/openclaw/openclaw.ts',
    plants: 'answers without asking the model',
  },
  {
    id: 'plugin.old-is-fixed',
    program: 'openclaw',
    where: 'agents/openclaw/plugins-old.ts',
    plants: 'the old release installs as the current one does',
  },
  {
    id: 'plugin.tmp-only',
    program: 'openclaw',
    where: 'agents/openclaw/plugin-store.ts',
    plants: 'keeps plugins where no restart finds them',
  },
  {
    id: 'plugin.delete-first',
    program: 'openclaw',
    where: 'agents/openclaw/plugin-store.ts',
    plants: 'removes the old plugin before the new one is there',
  },
  {
    id: 'plugin.rename-across',
    program: 'openclaw',
    where: 'agents/openclaw/plugin-store.ts',
    plants: 'stages in the folder for temporary files',
  },
  {
    id: 'plugin.rename-up',
    program: 'openclaw',
    where: 'agents/openclaw/plugin-store.ts',
    plants: 'stages in a folder below and renames up',
  },
  {
    id: 'plugin.rename-lower',
    program: 'openclaw',
    where: 'agents/openclaw/plugin-store.ts',
    plants: 'renames a folder of a lower layer',
  },
  {
    id: 'entry.wrong-health',
    program: 'hermes',
    where: 'agents/hermes/hermes.ts',
    plants: 'tells another platform',
  },
] as const satisfies readonly Mutant[];

export type MutantId = (typeof mutants)[number]['id'];
