// A scenario file. It may name the manifest and the releases; what is given on the command line comes first.

import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import { systemFiles } from '../drivers/files.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { readRunScenario } from '../scenario/run-scenario.ts';
import { driverProblems, expectedProblems } from '../scenario/scenario-expected.ts';
import { loadScenarioBytes, scenarioSizeMax } from '../scenario/scenario-file.ts';
import type { Programs } from '../scenario/scenario-operations.ts';
import { durationMs, type Scenario, type Validation } from '../scenario/scenario-schema.ts';
import type { RunScenario } from '../scenario/scenarios.ts';
import type { YamlDocument } from '../scenario/yaml-document.ts';
import { UsageError, type Terminal } from './command.ts';
import { assertPossible } from './environment-needs.ts';
import { display, isInside, type ProblemReport } from './load-manifest.ts';
import type { OpenedScenario } from './opened-scenario.ts';
import type { RunInputs } from './run-options.ts';

type FileInputs = RunInputs & { readonly scenarioFile: string };

/** As `openScenario`, of the file that is named. */
export async function openScenarioFile(
  inputs: FileInputs,
  terminal: Terminal,
  problems: ProblemReport,
): Promise<OpenedScenario> {
  const { scenarioFile } = inputs;
  const { source, document, found } = await load(scenarioFile, problems);
  const add = (diagnostics: readonly Diagnostic[]): void => {
    problems.add({ source, diagnostics });
  };
  const manifestPath = chooseManifest(inputs, found);
  const programs = programsOf(dirname(scenarioFile), dirname(manifestPath));
  const { scenario, problems: wrong } = readRunScenario(document, found, programs);
  add(wrong);
  if (scenario === undefined) problems.end();
  const file = found as Scenario;
  await assertPossible(file, terminal);
  return {
    scenario: scenario as RunScenario,
    inputs: { ...releasesOf(file), ...inputs, manifestPath, folder: dirname(manifestPath) },
    limitMs: durationMs(file.spec.budget),
    judge: {
      manifest: (manifest) => {
        add(driverProblems(document, file, manifest));
      },
      plan: (plan) => {
        add(expectedProblems(document, file, plan.expected));
      },
    },
    notes: [notEnforced],
  };
}

const notEnforced = {
  code: 'declared-only',
  message: 'the scenario’s environment.network and environment.product are not enforced',
};

async function load(
  path: string,
  problems: ProblemReport,
): Promise<{
  readonly source: Source;
  readonly document: YamlDocument;
  readonly found: Scenario | Validation;
}> {
  if ((await systemFiles.stat(path)) === undefined)
    throw new UsageError(`no scenario at ${path}`, 'name a file, or lifecycle or fresh');
  const bytes = await systemFiles.read(path, scenarioSizeMax + 1);
  const loaded = loadScenarioBytes(display(path), bytes, {
    exists: (file) => isInside(dirname(path), file),
  });
  problems.add({ source: loaded.source, diagnostics: loaded.problems });
  if (loaded.scenario === undefined) problems.end();
  return {
    source: loaded.source,
    document: loaded.document as YamlDocument,
    found: loaded.scenario as Scenario | Validation,
  };
}

function chooseManifest(inputs: FileInputs, { spec }: Scenario | Validation): string {
  const named = 'manifest' in spec ? spec.manifest : undefined;
  if (named === undefined) return inputs.manifestPath;
  const ours = resolve(dirname(inputs.scenarioFile), named);
  if (inputs.manifestGiven !== true || real(ours) === real(inputs.manifestPath)) return ours;
  throw new UsageError(
    `--manifest names ${display(inputs.manifestPath)}, the scenario ${display(ours)}`,
    'leave --manifest out',
  );
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function programsOf(folder: string, manifestFolder: string): Programs {
  return {
    digestOf: (file) =>
      isInside(folder, file) ? sha256Hex(readFileSync(join(folder, file))) : undefined,
    pathOf: (file) => {
      const path = relative(manifestFolder, join(folder, file));
      return path.startsWith('.') ? path : `./${path}`;
    },
  };
}

const releasesOf = ({ spec: { releases } }: Scenario): Pick<RunInputs, 'base' | 'head'> =>
  releases === undefined
    ? {}
    : { head: releases.head, ...(releases.base === undefined ? {} : { base: releases.base }) };
