import type { SandboxLimits } from '../../ports/sandbox.ts';

/** coop-cloud.md C.1. */
export const sandboxLimits: SandboxLimits = {
  memoryBytes: 512 * 1024 ** 2,
  processes: 128,
  processors: 1,
  outputBytes: 1024 ** 2,
  filesBytes: 64 * 1024 ** 2,
  openFiles: 1024,
};
