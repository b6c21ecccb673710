import { addLine, type CoverageReading } from './coverage.ts';

type Section = {
  readonly path: string;
  readonly lines: Map<number, boolean>;
  readonly said: Record<string, number>;
};
type Reading = {
  readonly files: Map<string, Map<number, boolean>>;
  readonly problems: string[];
  section: Section | undefined;
};

/** LCOV: the distinct DA lines of each file. A record that says otherwise of itself is refused. */
export function readLcov(text: string): CoverageReading {
  const reading: Reading = { files: new Map(), problems: [], section: undefined };
  for (const [index, line] of text.split(/\r?\n/u).entries()) readLine(reading, line, index + 1);
  const { files, problems, section } = reading;
  if (section !== undefined) problems.push(`the record of ${section.path} does not end`);
  if (problems.length > 0) return { problems };
  return files.size === 0 ? { problems: ['it holds no line'] } : { coverage: files };
}

function readLine(reading: Reading, line: string, at: number): void {
  const [, key = line, value = ''] = /^([A-Z]+):(.*)$/u.exec(line) ?? [];
  if (key === 'SF') reading.section = { path: value, lines: new Map(), said: {} };
  else if (key === 'DA') readDa(reading, value, at);
  else if (reading.section !== undefined) readRest(reading, reading.section, [key, value]);
}

function readRest(reading: Reading, section: Section, [key, value]: [string, string]): void {
  if (key === 'LF' || key === 'LH') section.said[key] = Number(value);
  else if (key === 'end_of_record') endSection(reading, section);
}

function readDa({ section, problems }: Reading, value: string, at: number): void {
  const [, number = '', hits = ''] = /^([1-9]\d{0,8}),(\d{1,15})(?:,.*)?$/u.exec(value) ?? [];
  if (number === '' || section === undefined)
    problems.push(`line ${String(at)} is no DA record of a file`);
  else {
    const before = section.lines.get(Number(number)) === true;
    section.lines.set(Number(number), Number(hits) > 0 || before);
  }
}

function endSection(reading: Reading, { path, lines, said }: Section): void {
  const counts = { LF: lines.size, LH: [...lines.values()].filter(Boolean).length };
  for (const [key, count] of Object.entries(counts))
    if (said[key] !== undefined && said[key] !== count)
      reading.problems.push(
        `${path}: ${key} says ${String(said[key])}, ${String(count)} are there`,
      );
  for (const [number, hit] of lines) addLine(reading.files, path, { number, hit });
  reading.section = undefined;
}
