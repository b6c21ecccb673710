import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { report } from '../../src/cli/commands/report.ts';
import { runCommand } from './run-command.ts';

test.each([
  ['html', true],
  ['junit', true],
  ['json', false],
])('--json beside --format %s is refused: %j', async (format, refused) => {
  const ended = runCommand(report, ['no-such-run', '--json', '--format', format], {
    cwd: tmpdir(),
    env: { SEATRIAL_STORE: '/nonexistent/store' },
  });
  const said = await ended.then(
    ({ err }) => err,
    (error: unknown) => String(error),
  );
  expect(said.includes('exclude each other')).toBe(refused);
});
