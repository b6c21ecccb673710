// `risk` from its arguments to its exit code.

import { combineCodes, refusal } from '../aether/answer.ts';
import { bytesMax } from '../aether/limits.ts';
import { renderAnswer } from '../aether/render-answer.ts';
import { printable } from '../diagnostics/printable.ts';
import { openFiles } from './aether-options.ts';
import { paced } from './aether-pace.ts';
import { readFound } from './aether-read.ts';
import { readRiskSettings, riskLines, scanBytes, withoutExcluded } from './aether-scan.ts';
import { emptyInput } from './aether-run-check.ts';
import { flag, type Input, type Terminal } from './command.ts';
import { exit } from './exit-codes.ts';

export async function runRisk(input: Input, terminal: Terminal): Promise<number> {
  const { args, values } = input;
  const settings = readRiskSettings(values, flag(values, 'strict'));
  const codes: number[] = [];
  const files = withoutExcluded(await openFiles(input, terminal, bytesMax), values);
  for await (const found of paced(files, terminal.signal)) {
    const { name } = found;
    const read = readFound(found, bytesMax);
    if ('refusal' in read) {
      const answer = refusal(name, read.refusal.code, read.refusal.message);
      terminal.err(renderAnswer(answer));
      codes.push(answer.code);
      continue;
    }
    const scanned = scanBytes(name, read.bytes, settings);
    const { lines, omitted } = riskLines(scanned, settings);
    const { score } = scanned.risk;
    codes.push(scanned.fails ? exit.failed : exit.passed);
    if (flag(values, 'json'))
      terminal.out(
        `${JSON.stringify({ file: name, ok: !scanned.fails, score, findings: lines, omitted })}\n`,
      );
    else terminal.out(render({ name, score, fails: scanned.fails, lines, omitted }));
  }
  return codes.length === 0 ? emptyInput(args, terminal) : combineCodes(codes);
}

type Told = ReturnType<typeof riskLines> & {
  readonly name: string;
  readonly score: number;
  readonly fails: boolean;
};

function render({ name, score, fails, lines, omitted }: Told): string {
  if (score === 0) return '';
  const shown = printable(name);
  const rows = lines.map(
    ({ level, pattern, points, line, column }) =>
      `${shown}:${String(line)}:${String(column)}: ${level}: ${pattern} (${String(points)})\n`,
  );
  const rest = omitted > 0 ? `${shown}: ${String(omitted)} more are not shown\n` : '';
  return `${rows.join('')}${rest}${shown}: ${String(score)} points${fails ? ', too many' : ''}\n`;
}
