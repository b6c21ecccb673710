// Recipes as tests write them: a map of files, and the instance that they are read for.

import type { RecipeFiles } from '../../src/recipe/recipe-files.ts';
import { lintRecipe } from '../../src/recipe/lint.ts';
import { loadRecipe, type LoadedRecipe } from '../../src/recipe/load-recipe.ts';
import type { RecipeProblem } from '../../src/recipe/problem.ts';
import { positionAt } from '../../src/diagnostics/source.ts';

export type Tree = Readonly<Record<string, string>>;

export const filesOf = (tree: Tree): RecipeFiles => ({
  read: (path) => {
    const text = tree[path];
    return text === undefined
      ? { kind: 'absent' }
      : { kind: 'file', bytes: new TextEncoder().encode(text) };
  },
});

export const load = (tree: Tree, env: Readonly<Record<string, string>> = {}): LoadedRecipe =>
  loadRecipe(filesOf(tree), {
    app: 'notes',
    domain: 'notes.example.org',
    stack: 'notes_example_org',
    env,
  });

export function lint(tree: Tree, base?: Tree): readonly RecipeProblem[] {
  const { recipe, problems } = load(tree);
  if (recipe === undefined) return problems;
  const before = base === undefined ? undefined : load(base).recipe;
  return [
    ...problems,
    ...lintRecipe({ recipe, ...(before === undefined ? {} : { base: before }) }),
  ];
}

/** `RCP010 compose.yml:4` */
export const told = ({ source, diagnostic }: RecipeProblem): string =>
  `${diagnostic.code} ${source.path}:${String(positionAt(source, diagnostic.span.start).line)}`;

/** A recipe in which nothing is wrong. */
export const good: Tree = {
  '.env.sample': [
    'TYPE=notes',
    'DOMAIN=notes.example.com',
    '#EXTRA_DOMAINS=, `www.notes.example.com`',
    'LETS_ENCRYPT_ENV=production',
    'SECRET_DB_PASSWORD_VERSION=v1 # length=40 charset=hex',
    'TITLE="Notes of ${DOMAIN}"',
    '',
  ].join('\n'),
  'abra.sh': 'export APP_CONF_VERSION=v2\n\nbackup() {\n  rm -rf /\n}\n',
  'app.conf.tmpl': 'title = {{ env "TITLE" }}\n',
  'compose.yml': `version: "3.8"

services:
  app:
    image: nginx:1.27.1
    environment:
      - TITLE
      - DB_PASSWORD_FILE=/run/secrets/db_password
    networks:
      - proxy
      - internal
    volumes:
      - data:/data
    secrets:
      - db_password
    configs:
      - source: app_conf
        target: /etc/app.conf
        mode: 0440
    healthcheck:
      test: ["CMD", "true"]
      interval: 30s
    deploy:
      labels:
        - "traefik.enable=true"
        - "traefik.http.routers.\${STACK_NAME}.rule=Host(\`\${DOMAIN}\`\${EXTRA_DOMAINS})"
        - "traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=80"
        - "coop-cloud.\${STACK_NAME}.version=1.2.0+3.4"
        - "backupbot.backup=true"
  db:
    image: postgres:15
    networks: [internal]

networks:
  proxy:
    external: true
  internal:

volumes:
  data:

configs:
  app_conf:
    name: \${STACK_NAME}_app_conf_\${APP_CONF_VERSION}
    file: app.conf.tmpl
    template_driver: golang

secrets:
  db_password:
    external: true
    name: \${STACK_NAME}_db_password_\${SECRET_DB_PASSWORD_VERSION}
`,
};

/** The good recipe with parts of one file replaced; every part must be there. */
export function changed(file: string, ...changes: readonly (readonly [string, string])[]): Tree {
  const text = changes.reduce((current, [from, to]) => {
    if (!current.includes(from)) throw new Error(`the good recipe has no ${JSON.stringify(from)}`);
    return current.replace(from, () => to);
  }, good[file] ?? '');
  return { ...good, [file]: text };
}

export const without = (file: string): Tree =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== file));
