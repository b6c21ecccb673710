// `dialect` from its arguments to its exit code.

import { refusal, combineCodes } from '../aether/answer.ts';
import { countMarks, lineNumber, type Mark } from '../aether/dialect.ts';
import { bytesMax } from '../aether/limits.ts';
import { publishedRegistry } from '../aether/registry.ts';
import { renderAnswer } from '../aether/render-answer.ts';
import type { DialectId } from '../aether/dialect.ts';
import { printable } from '../diagnostics/printable.ts';
import { checkWith } from './aether-judge.ts';
import { openFiles } from './aether-options.ts';
import { paced } from './aether-pace.ts';
import type { Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import { emptyInput } from './aether-run-check.ts';
import { flag, text, type Input, type Terminal } from './command.ts';

export async function runDialect(input: Input, terminal: Terminal): Promise<number> {
  const asked = text(input.values, 'dialect') as DialectId | undefined;
  const json = flag(input.values, 'json');
  const codes: number[] = [];
  const files = await openFiles(input, terminal, bytesMax);
  for await (const found of paced(files, terminal.signal)) {
    const read = readFound(found, bytesMax);
    if ('refusal' in read) {
      const answer = refusal(found.name, read.refusal.code, read.refusal.message);
      terminal.err(renderAnswer(answer));
      codes.push(answer.code);
      continue;
    }
    const told = describe(found, read.bytes, asked);
    terminal.out(json ? `${JSON.stringify(told)}\n` : render(told));
    codes.push(0);
  }
  return codes.length === 0 ? emptyInput(input.args, terminal) : combineCodes(codes);
}

type Description = {
  readonly file: string;
  readonly dialect: DialectId;
  readonly decided_by: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly lines: readonly {
    readonly line: number;
    readonly dialect: string;
    readonly text: string;
  }[];
};

function describe(found: Found, bytes: Uint8Array, dialect: DialectId | undefined): Description {
  const settings = { registry: publishedRegistry, maxBytes: bytesMax };
  const { decision, source } = checkWith(found.name, bytes, {
    ...settings,
    ...(dialect === undefined ? {} : { dialect }),
  });
  const counted = countMarks(decision.marks).filter(({ count }) => count > 0);
  return {
    file: found.name,
    dialect: decision.dialect,
    decided_by: decision.by,
    counts: Object.fromEntries(counted.map((each) => [each.dialect, each.count])),
    lines: decision.marks.map((mark) => ({
      line: lineNumber(mark.line, source.lineStarts),
      dialect: mark.dialect,
      text: firstLine(mark, source.text),
    })),
  };
}

const excerptMax = 80;

function firstLine({ line }: Mark, content: string): string {
  const start = line.tokens[0]?.start ?? 0;
  const [shown = ''] = content.slice(start, start + excerptMax).split(/[\r\n]/);
  return shown;
}

const reasons: Readonly<Record<string, string>> = {
  option: 'as asked',
  comment: 'by its comment',
  marks: 'by its lines',
  default: 'no line is typical of a dialect',
};

function render({ file, dialect, decided_by, counts, lines }: Description): string {
  const told = Object.entries(counts).map(([id, count]) => `${id} ${String(count)}`);
  const why = [reasons[decided_by] ?? decided_by, ...told].join(', ');
  const rows = lines.map(
    (each) => `  ${String(each.line)}: ${each.dialect}: ${printable(each.text)}\n`,
  );
  return `${printable(file)}: ${dialect} (${why})\n${rows.join('')}`;
}
