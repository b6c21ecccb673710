// Finds the test functions of a Python file by its text, as pytest would by its default names.

import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import type { Stage } from '../evidence/record.ts';
import { problem, stages, type FoundCheck, type FoundChecks } from './read-module.ts';

/** A `class` or `def` whose body the following, deeper lines are. */
type Block = {
  readonly indent: number;
  readonly name: string;
  readonly collects: boolean;
  readonly stage: Stage | undefined;
};

const definition = /^[ \t]*(?:async[ \t]+)?(def|class)[ \t]+([A-Za-z_]\w*)/;
const stageMark = /^[ \t]*@(?:pytest\.)?mark\.stage\b[ \t]*(.*)$/;

export function readPytest(text: string): FoundChecks {
  const blocks: Block[] = [];
  const checks: FoundCheck[] = [];
  const diagnostics: Diagnostic[] = [];
  let stage: Stage | undefined;
  for (const { line, span } of statements(blankPython(text))) {
    const indent = indentOf(line);
    while ((blocks.at(-1)?.indent ?? -1) >= indent) blocks.pop();
    if (stageMark.test(line)) stage = readStage(text, span, diagnostics) ?? stage;
    const found = definition.exec(line);
    if (found === null) continue;
    const block = openBlock(found, indent, blocks, stage);
    stage = undefined;
    const check = toCheck(found, block, blocks, span.start);
    if (check !== undefined) checks.push(check);
    blocks.push(block);
  }
  return { checks, diagnostics };
}

/** Lines that begin something; one inside brackets goes on with an earlier one, whatever its indent. */
function* statements(code: string): Generator<{ readonly line: string; readonly span: Span }> {
  let start = 0;
  let depth = 0;
  for (const line of code.split('\n')) {
    const span = { start, end: start + line.length };
    start += line.length + 1;
    const inBrackets = depth > 0;
    depth = Math.max(0, depth + bracketsOf(line));
    if (!inBrackets && line.trim() !== '') yield { line, span };
  }
}

const bracketsOf = (line: string): number =>
  line.replace(/[^([{]/g, '').length - line.replace(/[^)\]}]/g, '').length;

/** A tab goes to the next multiple of eight, as Python counts. */
function indentOf(line: string): number {
  let width = 0;
  for (const letter of line) {
    if (letter === ' ') width += 1;
    else if (letter === '\t') width += 8 - (width % 8);
    else break;
  }
  return width;
}

function openBlock(
  found: RegExpExecArray,
  indent: number,
  blocks: readonly Block[],
  stage: Stage | undefined,
): Block {
  const name = found[2] ?? '';
  const above = blocks.at(-1);
  return {
    indent,
    name,
    collects: found[1] === 'class' && name.startsWith('Test') && (above?.collects ?? indent === 0),
    stage: stage ?? above?.stage,
  };
}

function toCheck(
  found: RegExpExecArray,
  block: Block,
  blocks: readonly Block[],
  lineStart: number,
): FoundCheck | undefined {
  const above = blocks.at(-1);
  const collected = above === undefined ? block.indent === 0 : above.collects;
  if (found[1] !== 'def' || !block.name.startsWith('test_') || !collected) return undefined;
  const start = lineStart + found[0].length - block.name.length;
  return {
    name: [...blocks.map((each) => each.name), block.name].join('::'),
    span: { start, end: start + block.name.length },
    ...(block.stage === undefined ? {} : { stage: block.stage }),
  };
}

function readStage(text: string, span: Span, diagnostics: Diagnostic[]): Stage | undefined {
  const marked = stageMark.exec(text.slice(span.start, span.end).trimEnd());
  const value = /^\([ \t]*(?:'(\w+)'|"(\w+)")[ \t]*,?[ \t]*\)/.exec(marked?.[1] ?? '');
  const stage = stages.find((each) => each === (value?.[1] ?? value?.[2]));
  if (stage === undefined)
    diagnostics.push(
      problem('OV008', `the stage must be one of ${stages.join(', ')}, written out`, span, {
        hint: 'such as: @pytest.mark.stage("head")',
      }),
    );
  return stage;
}

/** The text with strings and comments as blanks, so that a `def` inside them is not seen. Same length and lines. */
function blankPython(text: string): string {
  const token =
    /#[^\n]*|'''(?:[^\\]|\\[\s\S])*?(?:'''|$)|"""(?:[^\\]|\\[\s\S])*?(?:"""|$)|'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?/g;
  return text.replace(token, (found) => found.replace(/[^\n]/g, ' '));
}
