// A recipe as it would be deployed: environment, compose files, secrets and configs, read without running
// anything of it. Total: whatever a repository holds gives a recipe or problems with their places.

import { decodeSource, makeSource, type Source } from '../diagnostics/source.ts';
import { noExports, readAbraExports, type AbraExports } from './abra-exports.ts';
import { checkShape } from './check-shape.ts';
import { readConfigs, type RecipeConfig } from './configs.ts';
import { noSample, readEnvSample, type EnvSample } from './env-sample.ts';
import { fillVariables, type PlacedUse, type Variables } from './fill.ts';
import { mergeFiles } from './merge.ts';
import { normaliseFile } from './normalise.ts';
import { isError, problemAt, type RecipeProblem } from './problem.ts';
import { composeLimits, readCompose } from './read-compose.ts';
import { folderOf, pathBelow, type RecipeFiles } from './recipe-files.ts';
import { readSecrets, type RecipeSecret } from './secrets.ts';
import { composeProgramShape, composeShape, newestMinor, type Shape } from './shape.ts';
import { at, entriesAt, type Mapping, type Place } from './tree.ts';
import { minorVersionOf, versionProblems } from './compose-versions.ts';

/** What the instance adds to the recipe's own sample. */
export type RecipeInstance = {
  /** Name of the recipe, as its sample writes it before `.example.com`. */
  readonly app: string;
  readonly domain: string;
  readonly stack: string;
  /** `env` of the manifest, and from the upgrade on `upgradeEnv` too. */
  readonly env: Readonly<Record<string, string>>;
  /** Who deploys it, where that is not a Swarm. */
  readonly program?: 'compose';
  /** The harness's own overlay files, read beside those of the recipe. */
  readonly overlays?: readonly Source[];
};

export type Recipe = {
  readonly instance: RecipeInstance;
  readonly variables: Variables;
  readonly sample: EnvSample;
  readonly exports: AbraExports;
  /** In the order in which they are merged. */
  readonly composeFiles: readonly string[];
  /** Merged, in long forms, variables filled in. */
  readonly tree: Mapping;
  /** Each file by itself, variables filled in. */
  readonly parts: readonly Mapping[];
  readonly uses: readonly PlacedUse[];
  readonly secrets: readonly RecipeSecret[];
  readonly configs: readonly RecipeConfig[];
};

export type LoadedRecipe = {
  /** Undefined exactly when a problem is an error. */
  readonly recipe?: Recipe;
  readonly problems: readonly RecipeProblem[];
};

export function loadRecipe(files: RecipeFiles, instance: RecipeInstance): LoadedRecipe {
  const environment = readEnvironment(files, instance);
  const { variables, problems } = environment;
  const list = composeFileList(environment);
  const read = list.paths.map((path) => readComposeFile(files, path, list.place));
  for (const { problem } of read) if (problem !== undefined) problems.push(problem);
  const sources = [
    ...read.flatMap(({ source }) => (source === undefined ? [] : [source])),
    ...(instance.overlays ?? []),
  ];
  const shape = instance.program === 'compose' ? composeProgramShape : composeShape;
  const parts = sources.map((source) => loadPart(source, variables, shape));
  for (const part of parts) problems.push(...part.problems);
  const trees = parts.flatMap(({ tree }) => (tree === undefined ? [] : [tree]));
  problems.push(...versionProblems(trees));
  const [first] = trees;
  if (first === undefined || problems.some(isError)) return { problems };
  const tree = mergeFiles(trees);
  const { sample, exports } = environment;
  const secrets = readSecrets(tree, { variables, sample, stack: instance.stack });
  const folder = folderOf(first.source.path);
  const configs = readConfigs(tree, { files, folder, stack: instance.stack });
  problems.push(...secrets.problems, ...configs.problems, ...sizeProblems(tree));
  if (problems.some(isError)) return { problems };
  return {
    problems,
    recipe: {
      ...{ instance, variables, sample, exports, tree, parts: trees },
      composeFiles: sources.map(({ path }) => path),
      uses: parts.flatMap(({ uses }) => uses),
      secrets: secrets.secrets,
      configs: configs.configs,
    },
  };
}

type Environment = {
  readonly variables: Variables;
  readonly sample: EnvSample;
  readonly exports: AbraExports;
  readonly problems: RecipeProblem[];
};

/** Sample, then the manifest's, then `abra.sh`, then what the instance decides. */
function readEnvironment(files: RecipeFiles, instance: RecipeInstance): Environment {
  const problems: RecipeProblem[] = [];
  const { app, domain, stack } = instance;
  const decided = new Map([
    ['DOMAIN', domain],
    ['STACK_NAME', stack],
    ['LETS_ENCRYPT_ENV', ''],
  ]);
  const given = new Map([...Object.entries(instance.env), ...decided]);
  const sampleFile = readText(files, '.env.sample', problems);
  const sample = sampleFile === undefined ? noSample : readEnvSample(sampleFile, given);
  if (sampleFile === undefined) problems.push(noSampleProblem());
  problems.push(...sample.problems);
  const abraFile = readText(files, 'abra.sh', problems);
  const exports = abraFile === undefined ? noExports : readAbraExports(abraFile);
  const variables = new Map<string, string>();
  // Who deploys a recipe gets their own domain wherever the sample shows an example.
  for (const [name, { value }] of sample.entries)
    variables.set(name, value.replaceAll(`${app}.example.com`, domain));
  for (const [name, value] of Object.entries(instance.env)) variables.set(name, value);
  for (const [name, { value }] of exports.entries) variables.set(name, value);
  for (const [name, value] of decided) variables.set(name, value);
  return { variables, sample, exports, problems };
}

const noSampleProblem = (): RecipeProblem =>
  problemAt(
    { source: makeSource('.env.sample', ''), span: { start: 0, end: 0 } },
    'RCP026',
    'There is no .env.sample at the root of the recipe.',
    { hint: 'Operators start from it: list every variable with a default.' },
  );

function readText(files: RecipeFiles, path: string, problems: RecipeProblem[]): Source | undefined {
  const file = files.read(path);
  if (file.kind === 'absent') return undefined;
  if (file.kind === 'file') return decodeSource(path, file.bytes).source;
  const place = { source: makeSource(path, ''), span: { start: 0, end: 0 } };
  problems.push(problemAt(place, 'RCP020', `The file ${file.why}.`));
  return undefined;
}

type ComposeList = { readonly paths: readonly string[]; readonly place: Place | undefined };

function composeFileList({ variables, sample }: Environment): ComposeList {
  const listed = variables.get('COMPOSE_FILE') ?? '';
  const paths = listed.split(':').filter((path) => path !== '');
  return paths.length === 0
    ? { paths: ['compose.yml'], place: undefined }
    : { paths, place: sample.entries.get('COMPOSE_FILE') };
}

function readComposeFile(
  files: RecipeFiles,
  path: string,
  from: Place | undefined,
): { readonly source?: Source; readonly problem?: RecipeProblem } {
  const place = from ?? { source: makeSource(path, ''), span: { start: 0, end: 0 } };
  const below = pathBelow('', path);
  const file = below === undefined ? undefined : files.read(below);
  if (below === undefined || file === undefined)
    return { problem: problemAt(place, 'RCP020', `\`${path}\` leads out of the recipe.`) };
  if (file.kind === 'file') {
    const { source, invalidAt } = decodeSource(below, file.bytes);
    if (invalidAt === undefined) return { source };
    const span = { start: invalidAt, end: invalidAt };
    return { problem: problemAt({ source, span }, 'RCP001', 'The file is not UTF-8.') };
  }
  if (file.kind === 'refused')
    return { problem: problemAt(place, 'RCP020', `\`${path}\` ${file.why}.`) };
  return {
    problem: problemAt(place, 'RCP006', `There is no compose file \`${path}\`.`, {
      hint: 'Correct COMPOSE_FILE, or add the file.',
    }),
  };
}

type Part = {
  readonly tree?: Mapping;
  readonly uses: readonly PlacedUse[];
  readonly problems: readonly RecipeProblem[];
};

/** `docker compose` does what tags say, and this reader does not. */
const asError = ({ source, diagnostic }: RecipeProblem): RecipeProblem => ({
  source,
  diagnostic: { ...diagnostic, severity: 'error' },
});

function loadPart(source: Source, variables: Variables, shape: Shape): Part {
  const read = readCompose(source);
  if (read.tree === undefined) return { uses: [], problems: read.problems };
  const filled = fillVariables(read.tree, shape, variables);
  const minor = shape === composeProgramShape ? newestMinor : minorVersionOf(read.tree);
  const tags = shape === composeProgramShape ? read.problems.map(asError) : read.problems;
  const problems = [...tags, ...filled.problems, ...checkShape(filled.tree, shape, minor)];
  const { uses } = filled;
  // A refused variable leaves texts where numbers belong: one problem for one mistake.
  if (problems.some(isError)) return { uses, problems };
  const normalised = normaliseFile(filled.tree, variables);
  problems.push(...normalised.problems);
  return { tree: normalised.tree, uses, problems };
}

function sizeProblems(tree: Mapping): readonly RecipeProblem[] {
  const services = entriesAt(tree, 'services');
  const place = at(tree, 'services') ?? tree;
  if (services.length > composeLimits.services)
    return [
      problemAt(
        place,
        'RCP001',
        `There are ${String(services.length)} services, more than ${String(composeLimits.services)}.`,
      ),
    ];
  return services.length > 0
    ? []
    : [problemAt(place, 'RCP003', 'There is no service.', { hint: 'Add one below `services`.' })];
}
