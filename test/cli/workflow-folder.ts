// A folder of workflow files for one test.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type WorkflowFolder = {
  readonly cwd: string;
  readonly write: (files: Readonly<Record<string, string | Uint8Array>>) => void;
  readonly read: (name: string) => string;
  readonly bytes: (name: string) => Buffer;
  readonly remove: () => void;
};

export function makeWorkflowFolder(): WorkflowFolder {
  const cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-aether-'));
  return {
    cwd,
    write: (files) => {
      for (const [name, content] of Object.entries(files)) {
        fs.mkdirSync(join(cwd, name, '..'), { recursive: true });
        fs.writeFileSync(join(cwd, name), content);
      }
    },
    read: (name) => fs.readFileSync(join(cwd, name), 'utf8'),
    bytes: (name) => fs.readFileSync(join(cwd, name)),
    remove: () => {
      fs.rmSync(cwd, { recursive: true, force: true });
    },
  };
}
