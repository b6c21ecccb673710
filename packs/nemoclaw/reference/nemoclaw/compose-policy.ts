import { parse, stringify } from 'yaml';
import { Failure } from '../shared/failure.ts';
import { blueprint, presetText } from './product.ts';

export type Endpoint = { rules: { method: string; path: string }[] };
export type Policies = Readonly<Record<string, { readonly endpoints: readonly Endpoint[] }>>;

/** Throws exit 4 for what is no preset file. */
export function policiesOf(text: string, name: string): Policies {
  const value = parse(text, { maxAliasCount: 0 }) as { network_policies?: Policies } | null;
  if (typeof value?.network_policies !== 'object')
    throw new Failure(4, `${name} is no policy: it has no network_policies`);
  return value.network_policies;
}

/** The name that a custom policy gives itself. */
export function policyName(text: string, path: string): string {
  const value = parse(text, { maxAliasCount: 0 }) as { preset?: { name?: unknown } } | null;
  const name = value?.preset?.name;
  if (typeof name !== 'string') throw new Failure(4, `${path} gives no preset name`);
  return name;
}

/** What the gateway is told: the blueprint's paths, and every endpoint of presets and custom policies. */
export function composePolicy(
  presets: readonly string[],
  custom: readonly { readonly name: string; readonly content: string }[],
): string {
  const shipped = presets.map((name) => policiesOf(presetText(name), name));
  const own = custom.map(({ name, content }) => policiesOf(content, name));
  const network = Object.assign({}, ...shipped, ...own) as Policies;
  const { filesystem_policy } = blueprint();
  return stringify({ network_policies: network, filesystem_policy });
}
