// The configuration that a new sandbox's agent starts with, in the form of its schema.

import type { AgentName } from './product.ts';

export type Wanted = {
  readonly model: string;
  readonly channels: readonly string[];
};

export type ConfigFile = { readonly path: string; readonly text: string };

const inferenceAddress = 'http://inference.local/v1';

/** What an agent holds instead of a token; the gateway fills it in on the way out. */
export const placeholderOf = (channel: string): string =>
  `openshell:resolve:env:${tokenVariable(channel)}`;

export const tokenVariable = (channel: string): string => `${channel.toUpperCase()}_BOT_TOKEN`;

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export function agentConfig(agent: AgentName, schema: number, wanted: Wanted): ConfigFile {
  if (agent === 'hermes')
    return {
      path: '.hermes/config.json',
      text: text(schema === 1 ? flatHermes(wanted) : nestedHermes(wanted)),
    };
  return schema === 1
    ? { path: '.openclaw-data/openclaw.json', text: text(flatOpenclaw(wanted)) }
    : { path: '.openclaw/openclaw.json', text: text(nestedOpenclaw(wanted)) };
}

function flatOpenclaw({ model, channels }: Wanted): object {
  return { schema: 1, model, base_url: inferenceAddress, channels: channelsOf(channels) };
}

function nestedOpenclaw({ model, channels }: Wanted): object {
  const known = { id: model, contextWindow: 131_072, maxTokens: 4_096, reasoning: false };
  return {
    schema: 2,
    agents: { defaults: { model: { primary: model } } },
    models: {
      providers: {
        inference: { baseUrl: inferenceAddress, api: 'openai-completions', models: [known] },
      },
    },
    gateway: { controlUi: { allowedOrigins: ['http://127.0.0.1:18789'] } },
    channels: channelsOf(channels),
  };
}

const channelsOf = (channels: readonly string[]): object =>
  Object.fromEntries(channels.map((each) => [each, { token: placeholderOf(each) }]));

function flatHermes({ model, channels }: Wanted): object {
  const [channel] = channels;
  return {
    model,
    base_url: inferenceAddress,
    ...(channel === undefined ? {} : { [`${channel}_token`]: placeholderOf(channel) }),
  };
}

function nestedHermes({ model, channels }: Wanted): object {
  const [channel] = channels;
  return {
    schema: 2,
    inference: { model, baseUrl: inferenceAddress },
    ...(channel === undefined ? {} : { [channel]: { token: placeholderOf(channel) } }),
  };
}
