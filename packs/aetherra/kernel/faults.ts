// Every mistake that this kernel can be told to make, each a mistake that a gate of the pack claims to
// notice. They exist only in the profile `test`, and the status page names those that are on.

import { SettingsError } from './settings-error.ts';

const known = {
  launcher: [
    ...['phase-skipped', 'hang', 'service-missing', 'service-degraded', 'service-mock'],
    ...['service-deaf', 'heartbeat-frozen', 'no-shutdown'],
  ],
  chat: [
    ...['policy-late', 'usage-after-final', 'usage-missing', 'final-missing', 'event-after-final'],
    ...['heartbeat-in-answer', 'fabricated-final', 'id-gap', 'id-repeat', 'trace-changes'],
    ...['naive-ts', 'usage-global', 'error-without-usage', 'error-final-ok', 'resume-restart'],
    ...['resume-new-prelude', 'resume-drops-one', 'resume-repeats-one', 'resume-foreign'],
    ...['replay-stops-on-disconnect', 'resume-silent-restart', 'blocks-others'],
  ],
  security: [
    ...['net-allow-all', 'net-log-only', 'net-deny-all', 'net-suffix-match', 'net-userinfo'],
    ...['net-redirect-followed', 'net-ip-open'],
  ],
  memory: [
    ...['lossy', 'type-only', 'truncates-large', 'volatile', 'count-frozen', 'fallback-crash'],
    ...['fallback-silent', 'quantum-pretends', 'migration-drops'],
  ],
  hmr: [
    ...['no-quiesce', 'audit-missing', 'audit-order', 'claims-swap', 'drops-inflight'],
    ...['refuses-new', 'no-rollback', 'health-asks-old', 'stuck', 'stuck-after-timeout'],
    ...['import-unaudited', 'allowlist-prefix', 'strict-open', 'concurrent'],
    ...['rotation-unbounded', 'rotation-loses'],
  ],
  agents: [
    ...['open-by-default', 'disabled-200', 'disabled-leaks', 'summary-static', 'no-token-passes'],
    ...['any-token', 'token-prefix', 'token-in-query', 'unset-token-open'],
  ],
  policy: [
    ...['header-missing', 'not-json', 'ask-missing', 'event-missing', 'differs', 'dp-missing'],
    ...['dp-default', 'dp-lenient', 'lies-token', 'lies-net', 'lies-max'],
  ],
  kernel: ['stopped', 'queue-full'],
  metrics: ['counts-scrapes'],
  lyrixa: ['no-persona', 'plan-differs', 'overconfident'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Domain = keyof typeof known;
export type Fault = { [D in Domain]: `${D}.${(typeof known)[D][number]}` }[Domain];

const all: ReadonlySet<string> = new Set(
  Object.entries(known).flatMap(([domain, names]) => names.map((name) => `${domain}.${name}`)),
);

export type Faults = {
  readonly has: (fault: Fault) => boolean;
  readonly names: readonly string[];
};

/** Throws for a name that is none, and outside the profile `test`. */
export function readFaults(text: string, profile: string): Faults {
  const names = text.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !all.has(name));
  if (unknown !== undefined) throw new SettingsError(`There is no fault ${unknown}.`);
  if (names.length > 0 && profile !== 'test')
    throw new SettingsError(`Faults are for the profile test, and this is ${profile}.`);
  const on = new Set(names);
  return { has: (fault) => on.has(fault), names };
}
