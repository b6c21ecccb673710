import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { docker, lastLine } from '../shared/docker.ts';
import { Failure, usage } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { askGateway, execThroughGateway } from './ask-gateway.ts';
import type { Command } from './command.ts';

export const sandboxCommands: Readonly<Record<string, Command>> = {
  create,
  list,
  get,
  exec,
  download,
  delete: (args) => simple('sandbox.delete', args, 'deleted'),
  promote: (args) => simple('sandbox.promote', args, 'promoted'),
  stop: (args) => simple('sandbox.stop', args, 'stopped'),
  start: (args) => simple('sandbox.start', args, 'ready'),
  restart,
};

async function simple(call: string, args: readonly string[], done: string): Promise<number> {
  const { words } = parseArguments(args, {}, `openshell ${call.replace('.', ' ')} NAME`);
  const [name] = words;
  if (name === undefined) throw usage(`openshell ${call.replace('.', ' ')} NAME`);
  await askGateway(call, { name });
  say(`sandbox ${name} ${done}`);
  return 0;
}

const createUsage =
  'openshell sandbox create --name NAME --from DOCKERFILE|IMAGE [--policy FILE] [--env K=V] [--beside] [-- COMMAND]';

async function create(args: readonly string[]): Promise<number> {
  const options = {
    name: { type: 'string' },
    from: { type: 'string' },
    policy: { type: 'string' },
    env: { type: 'string', multiple: true },
    beside: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  const { option, flag, all, command } = parseArguments(args, options, createUsage);
  const [name, from, policy] = [option('name'), option('from'), option('policy')];
  if (name === undefined || from === undefined) throw usage(createUsage);
  const image = isFile(from) ? await buildImage(from) : from;
  const asked = { name, image, command, beside: flag('beside'), environment: pairs(all('env')) };
  const text = policy === undefined ? {} : { policy: readFileSync(policy, 'utf8') };
  const made = (await askGateway('sandbox.create', { ...asked, ...text })) as object;
  say(flag('json') ? JSON.stringify(made) : `sandbox ${name} ready`);
  return 0;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Built without network; the folder of the file is its context. */
async function buildImage(dockerfile: string): Promise<string> {
  const args = ['build', '--quiet', '--network', 'none', '--file', dockerfile];
  const { code, stdout, stderr } = await docker([...args, dirname(dockerfile)]);
  if (code !== 0) throw new Failure(1, `${dockerfile} cannot be built: ${lastLine(stderr)}`);
  return stdout.trim();
}

function pairs(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new Failure(2, `${text} is no KEY=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

async function list(args: readonly string[]): Promise<number> {
  const { flag } = parseArguments(args, { json: { type: 'boolean' } }, 'openshell sandbox list');
  const listed = (await askGateway('sandbox.list')) as readonly Record<string, string>[];
  if (flag('json')) say(JSON.stringify(listed));
  else for (const each of listed) say(`${each['name'] ?? ''}\t${each['status'] ?? ''}`);
  return 0;
}

async function get(args: readonly string[]): Promise<number> {
  const [name] = parseArguments(args, {}, 'openshell sandbox get NAME').words;
  say(JSON.stringify(await askGateway('sandbox.get', { name }), null, 2));
  return 0;
}

const execUsage = 'openshell sandbox exec NAME [--user USER] [--stdin] -- COMMAND';

async function exec(args: readonly string[]): Promise<number> {
  const options = { user: { type: 'string' }, stdin: { type: 'boolean' } } as const;
  const { words, option, flag, command } = parseArguments(args, options, execUsage);
  const [name] = words;
  if (name === undefined || command.length === 0) throw usage(execUsage);
  const user = option('user');
  return execThroughGateway(
    { name, argv: command, ...(user === undefined ? {} : { user }) },
    {
      input: flag('stdin') ? process.stdin : undefined,
      stdout: (bytes) => process.stdout.write(bytes),
      stderr: (bytes) => process.stderr.write(bytes),
    },
  );
}

/** A file's bytes, or a folder as tar, on standard output. */
async function download(args: readonly string[]): Promise<number> {
  const [name, path] = parseArguments(args, {}, 'openshell sandbox download NAME PATH').words;
  if (name === undefined || path === undefined) throw usage('openshell sandbox download NAME PATH');
  const script = 'if [ -d "$1" ]; then tar -cf - -C "$1" .; else cat "$1"; fi';
  const streams = {
    input: undefined,
    stdout: (bytes: Buffer) => process.stdout.write(bytes),
    stderr: (bytes: Buffer) => process.stderr.write(bytes),
  };
  return execThroughGateway({ name, argv: ['sh', '-c', script, 'download', path] }, streams);
}

async function restart(args: readonly string[]): Promise<number> {
  const options = { env: { type: 'string', multiple: true } } as const;
  const { words, all } = parseArguments(
    args,
    options,
    'openshell sandbox restart NAME [--env K=V]',
  );
  const [name] = words;
  await askGateway('sandbox.restart', { name, environment: pairs(all('env')) });
  say(`sandbox ${name ?? ''} ready`);
  return 0;
}

export async function logs(args: readonly string[]): Promise<number> {
  const [name] = parseArguments(args, {}, 'openshell logs NAME').words;
  const { containerId } = (await askGateway('sandbox.get', { name })) as { containerId: string };
  const { code, stdout, stderr } = await docker(['logs', '--tail', '1000', containerId]);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (code !== 0) throw new Failure(1, `the container of ${name ?? ''} has no log`);
  return 0;
}
