// Loading and linting a thousand recipes, made up in the sizes that real ones have: six of ten with one
// compose file, the others with up to twenty. npx tsx bench/recipes.ts [rounds]

import { parseDocument } from 'yaml';
import { lintRecipe } from '../src/recipe/lint.ts';
import { loadRecipe } from '../src/recipe/load-recipe.ts';
import type { RecipeFiles } from '../src/recipe/recipe-files.ts';

const rounds = Number(process.argv[2] ?? 3);
const recipes = 1000;
const limitMs = 2000;

const service = (name: string, port: number): string => `  ${name}:
    image: registry.example.org/${name}:\${TAG:-1.2.3}
    environment:
      - TITLE=\${TITLE:-none}
      - DB_PASSWORD_FILE=/run/secrets/db_password
    networks: [proxy, internal]
    volumes:
      - ${name}_data:/data
    secrets: [db_password]
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:${String(port)}"]
      interval: 30s
    deploy:
      labels:
        - "traefik.http.routers.\${STACK_NAME}-${name}.rule=Host(\`\${DOMAIN}\`)"
        - "traefik.http.services.\${STACK_NAME}-${name}.loadbalancer.server.port=${String(port)}"
        - "coop-cloud.\${STACK_NAME}.${name === 'app' ? '' : `${name}.`}version=1.2.0+3.4"
`;

function compose(names: readonly string[]): string {
  const volumes = names.map((name) => `  ${name}_data:\n`).join('');
  return `version: "3.8"
services:
${names.map((name, index) => service(name, 8000 + index)).join('')}
networks: {proxy: {external: true}, internal: }
volumes:
${volumes}secrets:
  db_password: {external: true, name: "\${STACK_NAME}_db_password_\${SECRET_DB_PASSWORD_VERSION}"}
`;
}

function makeRecipe(index: number): ReadonlyMap<string, Uint8Array> {
  const encoder = new TextEncoder();
  const files = index % 10 < 6 ? 1 : index % 100 === 99 ? 20 : 3;
  const tree = new Map<string, Uint8Array>();
  const names: string[] = [];
  for (let file = 0; file < files; file += 1) {
    const name = file === 0 ? 'compose.yml' : `compose.part${String(file)}.yml`;
    names.push(name);
    const services = file === 0 ? ['app', `db${String(index)}`] : [`s${String(file)}`];
    tree.set(name, encoder.encode(compose(services)));
  }
  const env = `TYPE=bench\nDOMAIN=bench.example.com\nCOMPOSE_FILE="${names.join(':')}"\nSECRET_DB_PASSWORD_VERSION=v1 # length=40\n`;
  tree.set('.env.sample', encoder.encode(env));
  tree.set('abra.sh', encoder.encode('export APP_CONF_VERSION=v1\n'));
  return tree;
}

const trees = Array.from({ length: recipes }, (_, index) => makeRecipe(index));
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Processor time: what others do on this machine is not counted. */
function timed(work: () => void): number {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

function lintAll(): number {
  let loaded = 0;
  for (const tree of trees) {
    const files: RecipeFiles = {
      read: (path) => {
        const bytes = tree.get(path);
        return bytes === undefined ? { kind: 'absent' } : { kind: 'file', bytes };
      },
    };
    const instance = { app: 'bench', domain: 'a.example.org', stack: 'a_example_org', env: {} };
    const { recipe } = loadRecipe(files, instance);
    if (recipe === undefined) continue;
    lintRecipe({ recipe });
    loaded += 1;
  }
  return loaded;
}

/** What reading the YAML alone takes: no reader of places can be faster. */
function parseAll(): void {
  const decoder = new TextDecoder();
  for (const tree of trees)
    for (const [name, bytes] of tree)
      if (name.endsWith('.yml')) parseDocument(decoder.decode(bytes)).toJS();
}

const lintMs: number[] = [];
const parseMs: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  lintMs.push(
    timed(() => {
      if (lintAll() !== recipes) throw new Error('a recipe of the benchmark does not load');
    }),
  );
  parseMs.push(timed(parseAll));
}
const [lint, parse] = [median(lintMs), median(parseMs)];
say(
  `${String(recipes)} recipes loaded and linted in ${lint.toFixed(0)} ms of processor time (limit ${String(limitMs)} ms)`,
);
say(`ratio to parsing their YAML alone: ${(lint / parse).toFixed(2)}`);
