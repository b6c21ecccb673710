// Every input of a findings command as one intake.

import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import { fold } from '../evidence/fold.ts';
import { readJournal } from '../evidence/journal-reader.ts';
import { kindOfText, parseInput, type SourceKind } from '../findings/detect-input.ts';
import type { Checker, InputKind, Intake, Limited, Reading } from '../findings/finding.ts';
import { settleAlone } from '../findings/flakes.ts';
import { joinReadings } from '../findings/join-inputs.ts';
import { readCtrf } from '../findings/read-ctrf.ts';
import { junitReader } from '../findings/read-junit.ts';
import { readRun } from '../findings/read-run.ts';
import { readSarif } from '../findings/read-sarif.ts';
import { readTap } from '../findings/read-tap.ts';
import { compareText } from '../findings/order.ts';
import { choosePaths, limitIntake } from '../findings/select-subjects.ts';
import { readSubjects } from '../findings/read-subjects.ts';
import { readExtensions } from './aether-options.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';
import { asInput, readTextFile, refuse } from './findings-files.ts';
import { fileAt, many, moment } from './findings-options.ts';
import { readPieces } from './findings-stream.ts';
import { readTrustedKeys } from './signing.ts';

export type InputOptions = { readonly limited?: Limited };

/** What `--input` names, or the workflows below `--root`. Ends with code 2 when any cannot be trusted. */
export async function readIntake(
  values: Values,
  terminal: Terminal,
  { limited }: InputOptions = {},
): Promise<Intake> {
  const given = many(values, 'input');
  const inputs = given.length > 0 ? given : [`aether:${text(values, 'root') ?? '.'}`];
  const intake = await readInputs(inputs, {
    values,
    terminal,
    ...(limited === undefined ? {} : { limited }),
  });
  const cut = limited === undefined ? intake : limitIntake(intake, limited);
  const alone = await Promise.all(
    many(values, 'alone').map((each) => readInputs([each], { values, terminal })),
  );
  return settleAlone(cut, alone);
}

type Context = { readonly values: Values; readonly terminal: Terminal } & InputOptions;
type Kinded = {
  readonly kinds: readonly InputKind[];
  readonly reading: Reading;
  readonly limited?: Limited;
  readonly checker?: Checker;
};

export async function readInputs(inputs: readonly string[], context: Context): Promise<Intake> {
  const read: Kinded[] = [];
  for (const each of inputs)
    read.push(await readInput(each, { ...context, isOnly: inputs.length === 1 }));
  const checkers = new Set(read.map(({ checker }) => checker ?? 'seatrial'));
  if (checkers.size > 1) throw new UsageError('results of different checkers are never mixed');
  const limited = read.find((each) => each.limited !== undefined)?.limited;
  const [checker = 'seatrial'] = checkers;
  const joined = joinReadings(
    read.flatMap(({ kinds, reading }) =>
      kinds.map((kind, at) => ({ kind, reading: at === 0 ? reading : nothing })),
    ),
    { checker, ...(limited === undefined ? {} : { limited }) },
  );
  if (joined.subjects.length === 0) throw new UsageError('the inputs hold nothing that was judged');
  return joined;
}

const nothing: Reading = { subjects: [], flaky: [], waived: 0, problems: [] };

async function readInput(
  given: string,
  context: Context & { readonly isOnly: boolean },
): Promise<Kinded> {
  const { path, kind: named } = parseInput(given);
  const kind = named ?? (await detect(path, context.terminal));
  if (kind === 'findings') return readFindings(path, context.terminal);
  const reading =
    kind === 'aether'
      ? await readAether(path, context)
      : await readers[kind](path, context.terminal);
  if (reading.problems.length > 0) refuse(path, reading.problems);
  const isReference = kind === 'aether' && text(context.values, 'compat') === 'reference';
  return { kinds: [kind], reading, checker: isReference ? 'reference' : 'seatrial' };
}

async function readFindings(path: string, terminal: Terminal): Promise<Kinded> {
  const { reading, header } = readSubjects(await readTextFile(path, terminal));
  if (reading.problems.length > 0) refuse(path, reading.problems);
  return { kinds: [], ...header, reading };
}

type ReportKind = Exclude<SourceKind, 'aether' | 'findings'>;

const readers: Readonly<
  Record<ReportKind, (path: string, terminal: Terminal) => Promise<Reading>>
> = {
  junit: readJunitFiles,
  run: readRunFolder,
  sarif: async (path, terminal) => readSarif(await readTextFile(path, terminal)),
  ctrf: async (path, terminal) => readCtrf(await readTextFile(path, terminal)),
  tap: async (path, terminal) => readTap(await readTextFile(path, terminal)),
};

const headBytes = 1 << 16;

async function detect(path: string, terminal: Terminal): Promise<SourceKind> {
  const file = fileAt(path, terminal);
  const stat = await asInput(() => systemFiles.stat(file));
  if (stat === undefined) throw new UsageError(`there is no ${path}`);
  if (stat.kind === 'directory') {
    const journal = await systemFiles.stat(`${file}/journal.jsonl`);
    return journal === undefined ? 'aether' : 'run';
  }
  if (path.endsWith('.aether')) return 'aether';
  const kind = kindOfText(await readHead(file));
  if (kind === undefined)
    throw new UsageError(
      `nothing tells what ${path} is`,
      'say so: --input junit:FILE and the like',
    );
  return kind;
}

async function readHead(file: string): Promise<string> {
  return asInput(async () => {
    for await (const chunk of systemFiles.stream(file))
      return new TextDecoder().decode(chunk.subarray(0, headBytes));
    return '';
  });
}

/** A file, or a folder of them: many builds write one report for each suite. */
async function readJunitFiles(path: string, terminal: Terminal): Promise<Reading> {
  const stat = await asInput(() => systemFiles.stat(fileAt(path, terminal)));
  if (stat?.kind !== 'directory') return readJunitFile(path, terminal);
  const entries = await asInput(() => systemFiles.list(fileAt(path, terminal)));
  const names = entries.map(({ name }) => name).filter((name) => /\.xml$/i.test(name));
  if (names.length === 0) throw new UsageError(`${path} holds no .xml file`);
  const readings: Reading[] = [];
  for (const name of names.sort(compareText)) {
    const file = `${path.replace(/\/+$/, '')}/${name}`;
    const reading = await readJunitFile(file, terminal);
    if (reading.problems.length > 0) refuse(file, reading.problems);
    readings.push(reading);
  }
  const { subjects, flaky, waived } = joinReadings(
    readings.map((reading) => ({ kind: 'junit', reading })),
  );
  return { subjects, flaky, waived, problems: [] };
}

async function readJunitFile(path: string, terminal: Terminal): Promise<Reading> {
  const reader = junitReader();
  await readPieces(path, terminal, reader.write);
  return reader.end();
}

async function readRunFolder(path: string, terminal: Terminal): Promise<Reading> {
  const journal = `${fileAt(path, terminal)}/journal.jsonl`;
  const { records, head, fault } = await asInput(() => readJournal(systemFiles.stream(journal)));
  if (records.length === 0) throw new UsageError(`${path} holds no record`);
  return readRun(fold(records, head), fault && journalProblem(fault));
}

/** Signatures are judged by the real clock, whatever time outputs are to carry. */
async function readChecks(values: Values, terminal: Terminal) {
  const signatures = {
    keys: await readTrustedKeys(text(values, 'keys'), terminal),
    now: systemClock.now().toISOString(),
    demanded: flag(values, 'verify'),
  };
  if (!flag(values, 'execute')) return { signatures };
  if (text(values, 'compat') === 'reference')
    throw new UsageError('--execute and --compat reference exclude each other');
  const startMs = Date.parse(moment(terminal).timestamp);
  const { fakeCapabilities, fakePlugins, makeFakeEffects } =
    await import('./aether-fake-provider.ts');
  const settings = { plugins: fakePlugins, capabilities: new Set(fakeCapabilities), startMs };
  const makeEffects = () => makeFakeEffects(settings);
  return { signatures, execute: { makeEffects, signal: terminal.signal } };
}

const journalProblem = ({
  line,
  message,
}: {
  readonly line: number;
  readonly message: string;
}) => ({
  message: `its journal is broken: ${message}`,
  place: { line, column: 1 },
});

async function readAether(
  path: string,
  { values, terminal, limited, isOnly }: Context & { readonly isOnly: boolean },
): Promise<Reading> {
  const { readWorkflows } = await import('./findings-aether.ts');
  const { loadRegistry } = await import('./aether-registry.ts');
  if ((await asInput(() => systemFiles.stat(fileAt(path, terminal)))) === undefined)
    throw new UsageError(`there is no ${path}`);
  return readWorkflows(path, {
    cwd: terminal.cwd,
    extensions: readExtensions(values),
    registry: await loadRegistry(text(values, 'functions'), terminal),
    checker: text(values, 'compat') === 'reference' ? 'reference' : 'seatrial',
    ...(await readChecks(values, terminal)),
    // A part of several inputs is chosen when all are known.
    ...(limited !== undefined && isOnly ? { choose: (paths) => choosePaths(paths, limited) } : {}),
  });
}
