// `recipe lint` from its arguments to its exit code.

import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import type { FileProblems } from '../diagnostics/file-problems.ts';
import { renderJson, type DiagnosticJson } from '../diagnostics/render-json.ts';
import { renderProblems } from '../diagnostics/render.ts';
import { makeSource } from '../diagnostics/source.ts';
import { makeGit } from '../drivers/git/git.ts';
import { openRecipeFolder } from '../drivers/recipes/recipe-folder.ts';
import { recipeCodes } from '../recipe/codes.ts';
import { lintRecipe } from '../recipe/lint.ts';
import { loadRecipe, type LoadedRecipe } from '../recipe/load-recipe.ts';
import { problemsByFile } from '../recipe/problem.ts';
import { stackNameOf } from '../recipe/stack-name.ts';
import { renderDiagnosticsSarif } from '../reporters/diagnostics-sarif.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { version } from './version.ts';
import { makeSystem } from './world.ts';

export async function runRecipeLint(input: Input, terminal: Terminal): Promise<number> {
  const { args, values } = input;
  const env = readAssignments(values);
  const found: FileProblems[] = [];
  for (const path of args) {
    const folder = resolve(terminal.cwd, path);
    if (!existsSync(folder) || !statSync(folder).isDirectory())
      throw new UsageError(`${path} is no folder`, 'name the folder of a recipe');
    found.push(...(await lintFolder(folder, { values, env, terminal })));
  }
  const diagnostics = renderJson(found);
  const format = flag(values, 'json') ? 'json' : (text(values, 'format') ?? 'text');
  terminal.out(renderFound(format, { found, diagnostics, folders: args.length }));
  const fails = text(values, 'fail-on') === 'warning' ? ['error', 'warning'] : ['error'];
  return diagnostics.some(({ severity }) => fails.includes(severity)) ? exit.failed : exit.passed;
}

type LintOptions = {
  readonly values: Values;
  readonly env: Readonly<Record<string, string>>;
  readonly terminal: Terminal;
};

async function lintFolder(
  folder: string,
  { values, env, terminal }: LintOptions,
): Promise<readonly FileProblems[]> {
  const load = (from: string): LoadedRecipe => {
    const app = basename(folder);
    const domain = text(values, 'domain') ?? `${app.replace(/[^A-Za-z0-9-]/g, '-')}.example.org`;
    return loadRecipe(openRecipeFolder(from), { app, domain, stack: stackNameOf(domain), env });
  };
  const head = load(folder);
  const base = text(values, 'base');
  const before = base === undefined ? undefined : await withBase(base, { folder, terminal }, load);
  const { recipe } = head;
  const linted =
    recipe === undefined
      ? []
      : lintRecipe({ recipe, ...(before === undefined ? {} : { base: before }) });
  const shown = relative(terminal.cwd, folder);
  return problemsByFile([...head.problems, ...linted]).map(({ source, diagnostics }) => ({
    source: makeSource(shown === '' ? source.path : join(shown, source.path), source.text),
    diagnostics,
  }));
}

type Recipe = NonNullable<LoadedRecipe['recipe']>;

async function withBase(
  base: string,
  { folder, terminal }: { readonly folder: string; readonly terminal: Terminal },
  load: (from: string) => LoadedRecipe,
): Promise<Recipe> {
  const given = resolve(terminal.cwd, base);
  if (existsSync(given) && statSync(given).isDirectory()) return baseOf(load(given), base);
  const work = mkdtempSync(join(tmpdir(), 'seatrial-lint-'));
  try {
    const system = makeSystem(terminal);
    const git = makeGit({ ...system, env: terminal.env, cacheFolder: join(work, 'cache') });
    const tree = join(work, 'tree');
    await git.exportTree(folder, await git.resolve(folder, base), tree);
    return baseOf(load(tree), base);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function baseOf({ recipe, problems }: LoadedRecipe, base: string): Recipe {
  if (recipe !== undefined) return recipe;
  const [first] = problems.filter(({ diagnostic }) => diagnostic.severity === 'error');
  const { message = '' } = first?.diagnostic ?? {};
  throw new UsageError(
    `the base ${base} cannot be read: ${first?.source.path ?? ''}: ${message}`,
    'lint it by itself, or name another release',
  );
}

function readAssignments(values: Values): Readonly<Record<string, string>> {
  const given = values['env'];
  const list = Array.isArray(given) ? (given as readonly string[]) : [];
  return Object.fromEntries(
    list.map((each) => {
      const cut = each.indexOf('=');
      if (cut < 1) throw new UsageError(`--env takes NAME=VALUE, not ${JSON.stringify(each)}`);
      return [each.slice(0, cut), each.slice(cut + 1)];
    }),
  );
}

type Found = {
  readonly found: readonly FileProblems[];
  readonly diagnostics: readonly DiagnosticJson[];
  readonly folders: number;
};

function renderFound(format: string, { found, diagnostics, folders }: Found): string {
  const rules = Object.entries(recipeCodes).map(([id, { means }]) => ({ id, means }));
  if (format === 'json') return `${JSON.stringify({ problems: diagnostics })}\n`;
  if (format === 'sarif') return renderDiagnosticsSarif(diagnostics, { version, rules });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const counts = `${count(folders, 'recipe')}: ${count(errors, 'error')}, ${count(diagnostics.length - errors, 'warning')}\n`;
  return diagnostics.length === 0
    ? counts
    : `${renderProblems(found, { limit: diagnostics.length })}\n\n${counts}`;
}

const count = (number: number, word: string): string =>
  `${String(number)} ${word}${number === 1 ? '' : 's'}`;
