// Regular expressions meet text that strangers write. By the analysis of a library that knows how they
// are matched, none may take exponential time, and those of the language and of the findings, which
// meet whole files, none beyond linear.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from 'scslre';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

type Found = { readonly place: string; readonly source: string; readonly flags: string };

function literals(path: string): Found[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      const place = `${path}:${String(line + 1)}`;
      found.push({ place, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Why the expression may take more than linear time; a Move begins anew at each place. */
function reasons({ source, flags }: Pick<Found, 'source' | 'flags'>): string[] {
  const { reports } = analyse({ source, flags });
  return reports.map(
    ({ type, exponential }) => `${exponential ? 'exponential' : 'polynomial'} ${type}`,
  );
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));

/** Quadratic by themselves, and harmless where they stand. */
const harmless: Readonly<Record<string, string>> = {
  '[\\p{XID_Continue}.]*$': 'sees 200 characters at most',
  '[^\\n]*\\n|[^\\n]+$': 'splits a whole text: each place is looked at twice',
  '(?<=.)\\/+$': 'sees an argument of the command line',
  '\\/+$': 'sees an argument of the command line',
  '[/\\\\]+$': 'sees one word of a message, which ends so',
};

describe('expressions of the sources', () => {
  const all = files.flatMap(literals);
  const bad = all.flatMap((each) =>
    reasons(each).map((why) => `${each.place}: /${each.source}/: ${why}`),
  );

  test('all were looked at', () => {
    expect(all.length).toBeGreaterThan(100);
  });

  test('none takes exponential time', () => {
    expect(bad.filter((told) => told.includes('exponential'))).toEqual([]);
  });

  test('none of the language and of the findings takes more than linear time', () => {
    const whole = /^src\/(?:aether|findings|reporters|cli\/(?:aether|findings))/;
    const found = bad.filter(
      (told) =>
        whole.test(told) && !Object.keys(harmless).some((each) => told.includes(`/${each}/:`)),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ['^(a+)+$', 'exponential'],
    ['^a*a*$', 'polynomial'],
    [' +$', 'Move'],
  ])('canary: %s is %s', (source, kind) => {
    expect(reasons({ source, flags: '' }).join()).toContain(kind);
  });
});
