import { expect, test } from 'vitest';
import { renderLogs } from '../../src/reporters/logs.ts';
import { firstUnseen, hostileStrings, obeyedLines } from './hostile.ts';
import { evidence, failedState, objects, operation } from './state.ts';

const withLog = (text: string) => ({
  ...failedState,
  operations: [
    operation('install', [0, 1], {
      observations: [
        {
          operation: 'install',
          what: 'logs.web',
          seq: 1,
          object: evidence('l', text, 'text/plain'),
        },
        {
          operation: 'install',
          what: 'logistics',
          seq: 2,
          object: evidence('o', 'no', 'text/plain'),
        },
      ],
    }),
  ],
});

test('what the app wrote, by operation', () => {
  expect(renderLogs(failedState, { objects })).toBe(
    '== upgrade logs\n| listening on 3000\n| migrated 4 tables\n',
  );
  expect(renderLogs(withLog('x'), { objects })).toBe('== install logs.web\n| x\n');
});

test('no output is said', () => {
  expect(renderLogs(failedState, { objects, operation: 'backup' })).toBe(
    'No app output was recorded for operation backup.\n',
  );
});

test.each(Object.keys(hostileStrings))('hostile output is inert: %s', (name) => {
  const text = renderLogs(withLog(hostileStrings[name] ?? ''), { objects });
  expect(firstUnseen(text)).toBeUndefined();
  expect(obeyedLines(text)).toEqual([]);
});
