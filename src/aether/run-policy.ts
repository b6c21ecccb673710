// What a script says about its own run: policy and requirements.

import { durationOf, itemsOf, numberOf, pluginName } from './check-pairs.ts';
import { Interrupted, RunFault } from './fault.ts';
import type { Run, RunPolicy } from './run-state.ts';
import type { Expression, Pair, Script, Statement } from './tree.ts';
import { satisfies } from './version.ts';

type Pairs = Extract<Statement, { kind: 'pairs' }>;

function pairsOf({ body }: Script, block: Pairs['block']): readonly Pair[] {
  return body.flatMap((each) => (each.kind === 'pairs' && each.block === block ? each.pairs : []));
}

export function readPolicy(script: Script): RunPolicy {
  const values = new Map<string, Expression>();
  for (const { key, value } of pairsOf(script, 'policy'))
    if (value.kind === 'value') values.set(key.text, value.value);
  const number = (key: string): number | undefined => numberAt(values.get(key));
  const timeout = values.get('timeout_default');
  return {
    onError: reactionOf(values.get('on_error')),
    timeoutMs: timeout === undefined ? undefined : durationOf(timeout),
    retries: number('max_retries') ?? 0,
    tokenBudget: number('token_budget'),
    deterministic: isTrueAt(values.get('deterministic')),
    mockIo: isTrueAt(values.get('mock_io')),
  };
}

function numberAt(value: Expression | undefined): number | undefined {
  return value === undefined ? undefined : numberOf(value);
}

function isTrueAt(value: Expression | undefined): boolean {
  return value?.kind === 'bool' && value.value;
}

function reactionOf(value: Expression | undefined): RunPolicy['onError'] {
  const text = value?.kind === 'string' ? value.value : 'stop';
  return text === 'continue' || text === 'rollback' ? text : 'stop';
}

/** Throws where the provider that was asked for cannot answer; no rule of the script handles that. */
export function refuseUnusable({ effects, signal }: Run): void {
  if (effects.unusable === undefined) return;
  if (signal.aborted) throw new Interrupted('interrupted');
  throw new RunFault('E_RUNTIME_SERVICE_MISSING', null, null, effects.unusable);
}

/** Throws a `RunFault` for the first requirement that the provider does not meet. */
export function refuseRequirements(run: Run, script: Script): void {
  for (const { key, value } of pairsOf(script, 'require')) {
    const items = itemsOf(value) ?? [];
    for (const item of items)
      if (item.kind === 'string' && !isMet(run, key.text, item)) throw unmet(item);
  }
}

type Text = Extract<Expression, { kind: 'string' }>;

function unmet({ value, span }: Text): RunFault {
  return new RunFault('E_RUN_REQUIRE', null, span, `'${value}' is required and not there`);
}

function isMet({ effects }: Run, key: string, { value, span }: Text): boolean {
  if (key !== 'plugins' && key !== 'capabilities') return true;
  const { provider } = effects;
  if (provider === undefined)
    throw new RunFault('E_RUNTIME_SERVICE_MISSING', null, span, `nobody provides '${value}'`);
  if (key === 'capabilities') return provider.capabilities.has(value);
  const name = pluginName(value);
  const version = provider.plugins.get(name);
  return version !== undefined && satisfies(version, value.trim().slice(name.length));
}
