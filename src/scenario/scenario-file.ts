// A scenario file from its text: total, every problem collected, each with a place and a hint.

import type * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { hasErrors } from '../diagnostics/file-problems.ts';
import { nearest } from '../diagnostics/nearest.ts';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { fixtureInputProblems } from './fixture-input-problems.ts';
import { fixtureInputs } from './fixture-inputs.ts';
import { descriptionAt, jsonSchemaOf, knownKeysAt } from './json-schema.ts';
import type { ScenarioContext } from './scenario-context.ts';
import { scenarioRuleProblems, validationRuleProblems } from './scenario-rules.ts';
import {
  fixtureKinds,
  scenarioSchema,
  selfEndingKinds,
  validationSchema,
  type FixtureKind,
  type Scenario,
  type Validation,
} from './scenario-schema.ts';
import { schemaProblems, valueAt, type Voice } from './schema-problems.ts';
import {
  readYaml,
  readYamlBytes,
  type Path,
  type YamlDocument,
  type YamlReading,
} from './yaml-document.ts';

export const scenarioSizeMax = 1024 * 1024;

export type LoadedScenario = {
  /** Undefined exactly when a problem is an error. Tell the kinds apart by `kind`. */
  readonly scenario?: Scenario | Validation;
  /** Where its parts are; beside `scenario`. */
  readonly document?: YamlDocument;
  /** In the order of the file. */
  readonly problems: readonly Diagnostic[];
};

/** Codes: SC001–SC003, SC010–SC012, SC020–SC022, SC030–SC032, SC040, SC041, MF011, FX001, FX004. */
export function loadScenario(source: Source, context: ScenarioContext): LoadedScenario {
  return judge(readYaml(source, scenarioSizeMax), context);
}

/** The same for the bytes of a file, which may be anything. */
export function loadScenarioBytes(
  path: string,
  bytes: Uint8Array,
  context: ScenarioContext,
): LoadedScenario & { readonly source: Source } {
  const reading = readYamlBytes(path, bytes, scenarioSizeMax);
  return { source: reading.source, ...judge(reading, context) };
}

/** The published JSON Schema 2020-12 of `kind: Scenario`. */
export function renderScenarioSchema(): JsonObject {
  return jsonSchemaOf(scenarioSchema, 'Seatrial scenario', [{ properties: { spec: specRules() } }]);
}

/** The published JSON Schema 2020-12 of `kind: Validation`. */
export function renderValidationSchema(): JsonObject {
  return jsonSchemaOf(validationSchema, 'Seatrial validation');
}

/** What scenario-rules.ts says between keys, as far as JSON Schema has words for it. */
const specRules = (): JsonObject => ({
  if: { properties: { fixtures: { minItems: 1 } }, required: ['fixtures'] },
  then: { not: { required: ['noFixturesReason'] } },
  else: { required: ['noFixturesReason'] },
  properties: {
    fixtures: {
      items: {
        if: {
          properties: {
            kind: { enum: fixtureKinds.filter((each) => !selfEndingKinds.includes(each)) },
          },
          required: ['kind'],
        },
        then: { required: ['restore'] },
        allOf: fixtureKinds.map((kind) => ({
          if: { properties: { kind: { const: kind } }, required: ['kind'] },
          then: { properties: { with: inputsOf(kind) } },
        })),
      },
    },
    runtimeActions: {
      items: {
        if: { properties: { use: { const: 'action' } }, required: ['use'] },
        then: { required: ['action'] },
        else: { not: { required: ['action'] } },
      },
    },
  },
});

/** With an identity of its own, so that its references lead into itself. */
const inputsOf = (kind: FixtureKind): JsonObject => {
  const entries = Object.entries(jsonSchemaOf(fixtureInputs[kind], kind));
  const kept = entries.filter(([key]) => key !== '$schema' && key !== 'title');
  return { $id: `fixture-${kind}.schema.json`, ...Object.fromEntries(kept) };
};

function judge({ document, problems }: YamlReading, context: ScenarioContext): LoadedScenario {
  if (document === undefined) return { problems };
  const kind = valueAt(document.value, ['kind']);
  if (kind === 'Validation') return judgeValidation(document, context);
  if (kind === 'Scenario') return judgeScenario(document, context);
  return { problems: [wrongKind(document, kind)] };
}

function judgeScenario(document: YamlDocument, context: ScenarioContext): LoadedScenario {
  const parsed = scenarioSchema.safeParse(document.value);
  return parsed.success
    ? answer(document, parsed.data, [
        ...fixtureInputProblems(document, parsed.data),
        ...scenarioRuleProblems(document, parsed.data, context),
      ])
    : { problems: faults(document, parsed.error, renderScenarioSchema()) };
}

function judgeValidation(document: YamlDocument, context: ScenarioContext): LoadedScenario {
  const parsed = validationSchema.safeParse(document.value);
  return parsed.success
    ? answer(document, parsed.data, validationRuleProblems(document, parsed.data, context))
    : { problems: faults(document, parsed.error, renderValidationSchema()) };
}

function answer(
  document: YamlDocument,
  scenario: Scenario | Validation,
  problems: readonly Diagnostic[],
): LoadedScenario {
  const sorted = inOrder(problems);
  return hasErrors(sorted) ? { problems: sorted } : { scenario, document, problems: sorted };
}

function faults(
  document: YamlDocument,
  { issues }: z.ZodError,
  schema: JsonObject,
): readonly Diagnostic[] {
  const voice: Voice = {
    missing: 'SC003',
    knownKeys: (path: Path) => knownKeysAt(schema, path),
    meaning: (path: Path) => descriptionAt(schema, path),
  };
  return inOrder(schemaProblems(document, issues, voice));
}

function inOrder(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  return problems.toSorted((a, b) => a.span.start - b.span.start || (a.code < b.code ? -1 : 1));
}

function wrongKind(document: YamlDocument, kind: unknown): Diagnostic {
  const kinds = ['Scenario', 'Validation'];
  const meant = typeof kind === 'string' ? nearest(kind, kinds) : undefined;
  return {
    code: 'SC003',
    severity: 'error',
    span: document.spanOf(['kind']),
    message: '`kind` must be `Scenario` or `Validation`.',
    hint: meant === undefined ? 'Write `kind: Scenario`.' : `Did you mean \`${meant}\`?`,
  };
}
