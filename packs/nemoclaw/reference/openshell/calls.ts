// What the gateway can be asked on its socket: a name and arguments, answered by JSON or by an exit
// code with a message.

import { buildInfo } from '../shared/build-info.ts';
import { sha256 } from '../shared/canonical.ts';
import { Failure } from '../shared/failure.ts';
import { activeMutants } from '../shared/mutant.ts';
import { features } from './features-current.ts';
import { statusOf, type Gateway } from './gateway.ts';
import { emptyPolicy, inferenceHost, type Provider } from './model.ts';
import { parsePolicy, policyHash } from './policy.ts';
import * as lifecycle from './sandbox-lifecycle.ts';
import { stateSchema } from './state-current.ts';
import { sandboxNamed, withSandbox } from './store.ts';

export type Arguments = Readonly<Record<string, unknown>>;
type Call = (gateway: Gateway, args: Arguments) => unknown;

function text(args: Arguments, name: string): string {
  const value = args[name];
  if (typeof value !== 'string' || value === '') throw new Failure(2, `${name} is missing`);
  return value;
}

const optional = (args: Arguments, name: string): string | undefined =>
  args[name] === undefined ? undefined : text(args, name);

function texts(args: Arguments, name: string): Readonly<Record<string, string>> {
  const value = args[name] ?? {};
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}

const calls: Readonly<Record<string, Call>> = {
  status: ({ startedAt }) => ({
    version: buildInfo.version,
    pid: process.pid,
    schema: stateSchema,
    startedAt,
    features,
    tree: buildInfo.tree,
    mutants: activeMutants(),
  }),
  'sandbox.create': (gateway, args) => {
    const policy = optional(args, 'policy') ?? emptyPolicy;
    parsePolicy(policy);
    const command = (args['command'] ?? []) as readonly string[];
    const [name, image] = [text(args, 'name'), text(args, 'image')];
    const isBeside = args['beside'] === true;
    const environment = texts(args, 'environment');
    return lifecycle.createSandbox(gateway, {
      name,
      image,
      policy,
      command,
      isBeside,
      environment,
    });
  },
  'sandbox.list': (gateway) => lifecycle.listSandboxes(gateway),
  'sandbox.get': async (gateway, args) => {
    const { policy, container, image, ...rest } = sandboxNamed(
      gateway.store.model(),
      text(args, 'name'),
    );
    const status = await statusOf(gateway, { policy, container, image, ...rest });
    const { version } = policy;
    const told = { version, hash: policyHash(policy.text) };
    return { ...rest, status, containerId: container, imageId: image, policy: told };
  },
  'sandbox.delete': (gateway, args) => lifecycle.deleteSandbox(gateway, text(args, 'name')),
  'sandbox.promote': (gateway, args) => lifecycle.promoteSandbox(gateway, text(args, 'name')),
  'sandbox.stop': (gateway, args) => lifecycle.stopSandbox(gateway, text(args, 'name')),
  'sandbox.start': (gateway, args) => lifecycle.startSandbox(gateway, text(args, 'name')),
  'sandbox.restart': (gateway, args) =>
    lifecycle.restartSandbox(gateway, text(args, 'name'), texts(args, 'environment')),
  'policy.get': ({ store }, args) => {
    const { policy } = sandboxNamed(store.model(), text(args, 'name'));
    const body = parsePolicy(policy.text);
    return { version: policy.version, hash: policyHash(policy.text), body };
  },
  'policy.set': ({ store }, args) => {
    const [name, policy] = [text(args, 'name'), text(args, 'policy')];
    parsePolicy(policy);
    const sandbox = sandboxNamed(store.model(), name);
    const version = sandbox.policy.version + 1;
    store.change((model) => withSandbox(model, { ...sandbox, policy: { version, text: policy } }));
    return { version, hash: policyHash(policy) };
  },
  'provider.put': (gateway, args) => putProvider(gateway, args),
  'provider.delete': ({ store }, args) => {
    const name = text(args, 'name');
    if (!store.model().providers.some((each) => each.name === name))
      throw new Failure(3, `there is no provider ${name}`);
    store.change((model) => ({
      ...model,
      providers: model.providers.filter((each) => each.name !== name),
    }));
  },
  'provider.list': ({ store }) => store.model().providers,
  'inference.set': ({ store }, args) => {
    const provider = optional(args, 'provider');
    const endpoint = text(args, 'endpoint');
    if (!/^https?:\/\/\S+$/.test(endpoint)) throw new Failure(2, `${endpoint} is no address`);
    const route = {
      host: inferenceHost,
      endpoint,
      ...(provider === undefined ? {} : { provider }),
    };
    store.change((model) => ({ ...model, routes: [route] }));
    return route;
  },
  'inference.get': ({ store }) => store.model().routes[0] ?? null,
};

function putProvider({ store, values }: Gateway, args: Arguments): Provider {
  const [name, credential] = [text(args, 'name'), text(args, 'credential')];
  const value = text(args, 'value');
  const isThere = store.model().providers.some((each) => each.name === name);
  if (isThere && args['update'] !== true) throw new Failure(4, `there is a provider ${name}`);
  if (!isThere && args['update'] === true) throw new Failure(3, `there is no provider ${name}`);
  values.set(credential, value);
  const type = optional(args, 'type') ?? 'generic';
  const provider: Provider = { name, type, credential, valueHash: sha256(value) };
  store.change((model) => ({
    ...model,
    providers: [...model.providers.filter((each) => each.name !== name), provider],
  }));
  return provider;
}

/** Throws exit 2 for a call that this release does not know. */
export async function answerCall(
  gateway: Gateway,
  name: string,
  args: Arguments,
): Promise<unknown> {
  const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
  if (call === undefined) throw new Failure(2, `the gateway knows no call ${name}`);
  return (await call(gateway, args)) ?? null;
}
