import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { express, substitute } from '../../../src/drivers/process/placeholders.ts';

const values = { data: '/w/data', work: '/w', port: '20001', 'port.admin': '20002' };
const template = fc
  .array(
    fc.constantFrom('{data}', '{port}', '{port.admin}', '{other}', '/w/data', '20001', '{', 'x'),
  )
  .map((parts) => parts.join(''));

describe('placeholders', () => {
  it.each([
    ['{data}/x', '/w/data/x'],
    ['{port}{port.admin}', '2000120002'],
    ['{unknown} {} {constructor}', '{unknown} {} {constructor}'],
    ['{"port":{port}}', '{"port":20001}'],
  ])('%s becomes %s', (from, to) => {
    expect(substitute(from, values)).toBe(to);
  });

  it('are found again in what they became, and in nothing else', () => {
    fc.assert(
      fc.property(template, template, (expected, started) => {
        const actual = substitute(started, values);
        const isSame = substitute(expected, values) === actual;
        expect(express(actual, expected, values) === expected).toBe(isSame);
      }),
    );
  });

  it('hide what belongs to the instance when texts differ', () => {
    expect(express('/w/data/y', '{data}/x', values)).toBe('≠ {data}/y');
    expect(express('{data}/x', '{data}/x', values)).not.toBe('{data}/x');
  });
});
