import { exitStyleOption, extOption, riskOptions, statusOptions } from '../aether-option-tables.ts';
import type { Command } from '../command.ts';

export const aetherVerify: Command = {
  name: 'aether verify',
  summary: 'Verify signatures of .aether files, and look for risks',
  details: [
    'A wrong signature always fails. Unsigned files fail with --strict, or with',
    'AETHERRA_SCRIPT_VERIFY_STRICT=1. Exit code 22: signatures; 1: risks, or both; 2: no file.',
  ],
  args: [{ name: 'path', summary: 'files and folders (default .)', multiple: true }],
  options: [
    { name: 'strict', summary: 'unsigned files and risks of level high fail' },
    { name: 'keys', value: 'FILE', summary: 'trusted keys (default seatrial.keys.yaml)' },
    {
      name: 'legacy-hmac',
      summary: 'accept the old form, secret in AETHERRA_AETHER_SCRIPT_SIGNING_SECRET',
    },
    { name: 'output', short: 'o', value: 'FILE', summary: 'write a Markdown report' },
    { name: 'run-id', value: 'ID', summary: 'what the report names as its run (default random)' },
    ...statusOptions,
    ...riskOptions,
    extOption,
    exitStyleOption,
  ],
  examples: ['seatrial aether verify --strict --output aether_static_report.md'],
  run: async (input, terminal) => {
    const { runVerify } = await import('../aether-run-verify.ts');
    return runVerify(input, terminal);
  },
};
