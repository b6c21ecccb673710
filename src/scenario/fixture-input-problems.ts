// `with` of each fixture against the inputs of its kind, in the voice of all registries.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { fixtureInputs } from './fixture-inputs.ts';
import { descriptionAt, jsonSchemaOf, knownKeysAt } from './json-schema.ts';
import type { Scenario } from './scenario-schema.ts';
import { schemaProblems } from './schema-problems.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

export function fixtureInputProblems(
  document: YamlDocument,
  { spec: { fixtures } }: Scenario,
): readonly Diagnostic[] {
  return fixtures.flatMap(({ kind, with: inputs }, index) => {
    const parsed = fixtureInputs[kind].safeParse(inputs);
    if (parsed.success) return [];
    const schema = jsonSchemaOf(fixtureInputs[kind], kind);
    const above = ['spec', 'fixtures', index, 'with'];
    const issues = parsed.error.issues.map((issue) => ({
      ...issue,
      path: [...above, ...issue.path],
    }));
    const below = (path: Path): Path => path.slice(above.length);
    return schemaProblems(document, issues, {
      missing: 'SC003',
      knownKeys: (path) => knownKeysAt(schema, below(path)),
      meaning: (path) => descriptionAt(schema, below(path)),
    });
  });
}
