import { expect, test } from 'vitest';
import { scanRisk, type RiskOptions } from '../../src/aether/risk.ts';
import { makeText } from '../../src/aether/text.ts';

type Row = { text: string; want: string[]; options?: RiskOptions };
const rows: Row[] = [
  { text: 'eval(x)', want: ['eval 5'] },
  { text: 'EXEC ( x )', want: ['exec 5'] },
  { text: 'x: evaluation(1)\nexecutor: 1', want: [] },
  { text: 'eval: 1', want: [] },
  { text: 'run("please eval this")', want: ['eval 5'] },
  { text: 'goal: "eval the results"', want: [] },
  { text: 'os.system("ls")', want: ['os.system( 4'] },
  { text: 'run("import os; os.system(1)")', want: ['os.system( 4'] },
  { text: 'subprocess.run("x")', want: ['subprocess. 4'] },
  { text: `f: open("a", 'w')`, want: ['open for writing 2'] },
  { text: 'f: open("a", "r")', want: [] },
  { text: 'file.write(x)', want: ['write( 2'] },
  { text: 'run("curl example")', want: ['curl 2'] },
  { text: 'wget x', want: ['wget 2'] },
  { text: 'load("https://evil.example/x")', want: ['URL outside the allowlist 2'] },
  { text: 'load("https://localhost@evil.example/x")', want: ['URL outside the allowlist 2'] },
  { text: 'load("http://LOCALHOST:1/x", "http://[::1]/")', want: [] },
  { text: 'load("https://a.b.dev")', want: [], options: { allowedHosts: ['*.b.dev'] } },
  {
    text: 'load("https://xb.dev")',
    want: ['URL outside the allowlist 2'],
    options: { allowedHosts: ['*.b.dev'] },
  },
  { text: '# eval(x)', want: [] },
  { text: '# eval(x)', want: ['eval 5'], options: { includeComments: true } },
  { text: 'run("unclosed eval', want: ['eval 5'] },
];

test.each(rows)('$text', ({ text, want, options }) => {
  const { score, findings } = scanRisk(makeText('', text), options);
  expect(findings.map(({ pattern, points }) => `${pattern} ${String(points)}`)).toEqual(want);
  expect(score).toBe(findings.reduce((sum, { points }) => sum + points, 0));
});

test('a finding is where it stands', () => {
  const { findings } = scanRisk(makeText('', 'goal: "x"\nrun("a; eval(b)")'));
  expect(findings.map(({ span }) => span)).toEqual([{ start: 18, end: 22 }]);
});
