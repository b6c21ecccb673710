// Scenario files as text, from their parts.

import { expect } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { loadScenario } from '../../src/scenario/scenario-file.ts';

export const seed =
  '{id: seed, use: action, action: seed, timeout: 20s, with: {argv: [seed.mjs, --all]}}';
export const usual = [
  '{id: deploy, use: install, timeout: 60s}',
  seed,
  '{id: up, use: upgrade, timeout: 2m}',
];

export type Parts = {
  readonly id?: string;
  readonly actions?: readonly string[];
  readonly checks?: readonly string[];
  /** More lines of `spec`. */
  readonly more?: string;
  readonly manifest?: string;
  readonly fixtures?: string;
};

export function written({
  id = 'notes',
  actions = usual,
  checks,
  more = '',
  ...parts
}: Parts): string {
  const [first = ''] = actions;
  const after = /id: ([a-z]+)/.exec(first)?.[1] ?? '';
  const some = `{id: floor.install.done, after: ${after}, boundary: driver, evidence: [a], rows: []}`;
  return `apiVersion: seatrial/v1
kind: Scenario
metadata: {id: ${id}, title: Notes are kept, rows: []}
spec:
  environment: {os: [linux], arch: [x64], driver: fake, product: [any], network: loopback}
  ${parts.manifest ?? 'manifest: seatrial.yaml'}
  text: {given: [a base], when: [it is upgraded], then: [notes are kept]}
  ${parts.fixtures ?? 'noFixturesReason: the action seeds what is needed'}
  runtimeActions:
${actions.map((each) => `    - ${each}`).join('\n')}
  expectedChecks:
${(checks ?? [some]).map((each) => `    - ${each}`).join('\n')}
  budget: 4m
${more}`;
}

export function load(text: string) {
  const source = makeSource('s.yaml', text);
  const { scenario, document, problems } = loadScenario(source, { exists: () => true });
  expect(problems).toEqual([]);
  if (scenario === undefined || document === undefined) throw new Error('not loaded');
  return { source, scenario, document };
}
