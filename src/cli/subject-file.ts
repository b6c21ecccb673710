// What a person says about a product that a pack does not bring: where it is, and which release of it is the head.

import { resolve } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { systemFiles } from '../drivers/files.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { readSpecSchema } from '../scenario/instance-manifest.ts';
import { readBySchema, registryOf } from '../scenario/read-by-schema.ts';
import { readYamlBytes } from '../scenario/yaml-document.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';
import { environmentUnmet } from './environment-needs.ts';
import { display, openProblemReport, type ProblemReport } from './load-manifest.ts';
import { subjectNameOf, type PackRun } from './run-pack.ts';

const sizeMax = 64 * 1024;

/**
 * Undefined for a subject that needs no file. Bad input ends with exit code 2; where nobody wrote the file that pack.yaml
 * names, the environment is unmet and the code 3.
 */
export async function readSubjectFile(
  asked: Pick<PackRun, 'pack' | 'scenario' | 'subject'>,
  values: Values,
  terminal: Terminal,
): Promise<JsonObject | undefined> {
  const { pack } = asked;
  const name = subjectNameOf(asked);
  const settings = pack.file.subjects.find(({ id }) => id === name)?.settings;
  const given = text(values, 'subject-file');
  if (settings === undefined) {
    if (given === undefined) return undefined;
    throw new UsageError(`the subject ${name} has no file`, 'leave --subject-file out');
  }
  const path = given === undefined ? `${pack.root}/${settings.file}` : resolve(terminal.cwd, given);
  const problems = openProblemReport(terminal, flag(values, 'json'));
  const schema = await schemaOf(`${pack.root}/${settings.schema}`, problems);
  const kind = (await systemFiles.stat(path))?.kind;
  if (kind === undefined || kind === 'directory') {
    if (given !== undefined) throw new UsageError(`no file at ${display(path)}`);
    throw environmentUnmet([`nobody says in ${display(path)} where the subject ${name} is`]);
  }
  const bytes = await readBeginning(path);
  const read = readYamlBytes(display(path), bytes, sizeMax);
  const { value, problems: found } = readBySchema(read, registryOf(schema, `subject ${name}`));
  problems.add({ source: read.source, diagnostics: found });
  problems.end();
  return value as JsonObject;
}

/** No more than it takes to tell that a file is too large: that is then a problem of the file. */
async function readBeginning(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of systemFiles.stream(path)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > sizeMax) break;
  }
  return Buffer.concat(chunks);
}

type Schema = NonNullable<ReturnType<typeof readSpecSchema>>;

async function schemaOf(path: string, problems: ProblemReport): Promise<Schema> {
  const bytes = await readBeginning(path);
  // JSON is YAML; a broken one is reported at its place.
  const { document, source, problems: found } = readYamlBytes(display(path), bytes, sizeMax);
  problems.add({ source, diagnostics: found });
  const schema = readSpecSchema(document?.value as Json);
  if (found.length === 0 && schema === undefined) problems.add({ source, diagnostics: [unusable] });
  problems.end();
  return schema as Schema;
}

const unusable: Diagnostic = {
  ...{ code: 'SC011', severity: 'error', span: { start: 0, end: 0 } },
  message: 'The file is no JSON Schema that settings can be judged by.',
  hint: 'Write a JSON Schema 2020-12.',
};
