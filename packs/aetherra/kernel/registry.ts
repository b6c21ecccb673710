// Which services there are and whether they live, and the phases that brought them up.

import type { Faults } from './faults.ts';

export type Phase = { readonly n: number; readonly name: string; readonly at: string };
export type Service = {
  readonly name: string;
  readonly status: 'healthy' | 'degraded';
  readonly impl: string;
  readonly since: string;
  readonly heartbeat: number;
};

export type Registry = {
  readonly enter: (n: number, name: string) => void;
  readonly register: (name: string, impl: string) => void;
  readonly phases: () => readonly Phase[];
  readonly services: () => readonly Service[];
  /** A sign of life of every service. */
  readonly beat: () => void;
};

const mocked = 'aetherra_engine';

export function makeRegistry(faults: Faults): Registry {
  const phases: Phase[] = [];
  const services = new Map<string, { impl: string; since: string; heartbeat: number }>();
  const now = (): string => new Date().toISOString();
  return {
    enter: (n, name) => {
      if (n === 5 && faults.has('launcher.phase-skipped')) return;
      phases.push({ n, name, at: now() });
    },
    register: (name, impl) => {
      if (name === mocked && faults.has('launcher.service-missing')) return;
      const shown = name === mocked && faults.has('launcher.service-mock') ? 'mock' : impl;
      services.set(name, { impl: shown, since: now(), heartbeat: 0 });
    },
    phases: () => phases,
    services: () =>
      [...services].map(([name, { impl, since, heartbeat }]) => {
        const isDegraded = name === mocked && faults.has('launcher.service-degraded');
        return { name, status: isDegraded ? 'degraded' : 'healthy', impl, since, heartbeat };
      }),
    beat: () => {
      if (faults.has('launcher.heartbeat-frozen')) return;
      for (const service of services.values()) service.heartbeat += 1;
    },
  };
}
