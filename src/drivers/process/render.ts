// A release as it is deployed, in a form that says by content what runs and nothing about this
// instance. The same shape is read back from the running app in observe.ts.

import { join } from 'node:path';

import type { Rendering } from '../../ports/app-driver.ts';
import type { PreparedRelease } from '../../ports/release.ts';
import { WorldError } from '../../ports/world-error.ts';
import { resolveExecutable } from './executable.ts';
import {
  envTemplate,
  fillArgv,
  type Instance,
  isShown,
  searchPath,
  type Stage,
  valuesOf,
} from './instance.ts';
import { substitute } from './placeholders.ts';

export const serviceName = 'app';
export const volumeName = 'data';

/** Of the service `app`; canonical once its keys are sorted. Absent programs and files show as null. */
export type ProcessSpec = {
  /** Arguments with placeholders. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Name → digest of the value with placeholders, or `secret:<name>`. */
  readonly env: Readonly<Record<string, string>>;
  readonly tree: string;
  /** Name → digest of the file with placeholders. */
  readonly config: Readonly<Record<string, string | null>>;
  /** Digest of the program that the first argument leads to, through interpreters. */
  readonly exe: string | null;
};

export async function renderRelease(
  instance: Instance,
  release: PreparedRelease,
  stage: Stage,
): Promise<Rendering> {
  const { options, settings } = instance;
  const templates = await configTemplates(instance);
  const spec: ProcessSpec = {
    argv: settings.process.start,
    cwd: settings.process.cwd,
    env: renderEnv(instance, envTemplate(instance, stage)),
    tree: release.digest,
    config: Object.fromEntries(
      Object.entries(templates).map(([name, text]) => [name, options.sha256(text)]),
    ),
    exe: await digestProgram(instance, release, stage),
  };
  return { services: { [serviceName]: spec }, volumes: [volumeName] };
}

function renderEnv(
  instance: Instance,
  templates: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(templates)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, template]) => [
        name,
        isShown(instance, name) ? `sha256:${instance.options.sha256(template)}` : `secret:${name}`,
      ]),
  );
}

/** The program is looked up in the prepared tree: the rendering must not depend on what is deployed. */
async function digestProgram(
  instance: Instance,
  release: PreparedRelease,
  stage: Stage,
): Promise<string | null> {
  const { settings } = instance;
  const values = { ...valuesOf(instance), release: release.root };
  const path = envTemplate(instance, stage)['PATH'] ?? searchPath();
  const { path: program } = await resolveExecutable(fillArgv(settings.process.start, values), {
    cwd: substitute(settings.process.cwd, values),
    path: substitute(path, values),
  });
  return program === undefined ? null : ((await instance.digestFile(program)) ?? null);
}

const configMaxBytes = 16 * 1024 * 1024;

/** Configuration files by name, placeholders not filled in. Throws `refused` for a name that leads out. */
export async function configTemplates({
  options,
  settings,
}: Instance): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  for (const [name, source] of Object.entries(settings.process.config)) {
    assertInside(name);
    texts[name] =
      'text' in source
        ? source.text
        : await options.files.readText(join(settings.folder, source.file), configMaxBytes);
  }
  return texts;
}

/** Throws `refused` unless the path is relative, normal and stays below its root. */
export function assertInside(path: string): void {
  const parts = path.split('/');
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new WorldError('refused', `not a path inside the folder: ${JSON.stringify(path)}`);
}
