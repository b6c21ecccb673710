import type { ThreeTexts } from '../findings/merge-baseline.ts';
import { mergeFile } from '../findings/merge-file.ts';
import { flag, text, UsageError, type Input, type Terminal } from './command.ts';
import { exit } from './exit-codes.ts';
import { readTextFile, refuse, writeTextFile } from './findings-files.ts';

export async function runMerge({ args, values }: Input, terminal: Terminal): Promise<number> {
  const target = args[1] ?? '';
  const name = text(values, 'path') ?? target;
  const answer = mergeFile(name, await readThree(args, terminal));
  if ('problems' in answer) refuse(name, answer.problems);
  await writeTextFile(text(values, 'output') ?? target, answer.text, terminal);
  const { conflicts, notes } = answer;
  const told = [...notes, ...conflicts.map((each) => `${each} is in conflict`)];
  for (const each of told) terminal.err(`seatrial: ${name}: ${each}\n`);
  if (flag(values, 'json')) terminal.out(`${JSON.stringify({ conflicts, notes })}\n`);
  return conflicts.length === 0 ? exit.passed : exit.failed;
}

async function readThree(args: readonly string[], terminal: Terminal): Promise<ThreeTexts> {
  const [base, ours, theirs] = await Promise.all(args.map((each) => readTextFile(each, terminal)));
  if (base === undefined || ours === undefined || theirs === undefined)
    throw new UsageError('three files are needed');
  return { base, ours, theirs };
}
