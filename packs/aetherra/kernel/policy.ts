// What clients are told about how they are treated. The same values are enforced; a snapshot that
// says more or less than that is a lie, and gate 8 looks for it.

import type { Faults } from './faults.ts';
import type { JsonObject } from './json.ts';
import type { Settings } from './read-settings.ts';

export function policySnapshot({ ai, dp, net, faults }: Settings): JsonObject {
  return {
    ai_enabled: ai.enabled,
    stream_enabled: ai.stream,
    require_token: ai.requireToken,
    safety_mode: ai.safetyMode,
    max_tokens: ai.maxTokens,
    temperature: ai.temperature,
    observer_aware: true,
    ...(faults.has('policy.dp-missing') ? {} : { dp: dpOf(dp, faults) }),
    capabilities: ['chat', 'stream', 'resume'],
    network_policy: { allowlist: net.allowlist, block_unknown: net.strict },
  };
}

const dpOf = (dp: Settings['dp'], faults: Faults): JsonObject =>
  dp.enabled && faults.has('policy.dp-default') ? { enabled: true, epsilon: 1 } : dp;

/** `via`: asked for once, or as a stream. */
export function policyHeaders(
  settings: Settings,
  via: 'ask' | 'stream',
): Readonly<Record<string, string>> {
  const { faults } = settings;
  const isMissing =
    via === 'ask' ? faults.has('policy.ask-missing') : faults.has('policy.header-missing');
  if (isMissing) return {};
  const text = JSON.stringify(policySnapshot(settings));
  return { 'X-Aetherra-Policy': faults.has('policy.not-json') ? text.slice(0, -1) : text };
}

/** As the stream's policy event has it. */
export const policyEvent = (settings: Settings): JsonObject =>
  settings.faults.has('policy.differs')
    ? { ...policySnapshot(settings), max_tokens: settings.ai.maxTokens + 1 }
    : policySnapshot(settings);
