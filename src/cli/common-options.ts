import type { Option } from './command.ts';

export const storeOption: Option = {
  name: 'store',
  value: 'DIR',
  summary: 'folder that keeps runs and their evidence (default .seatrial, or SEATRIAL_STORE)',
};

/** Every command has these. */
export const everyCommand: readonly Option[] = [
  { name: 'json', summary: 'print the result as JSON on standard output' },
  { name: 'help', short: 'h', summary: 'print this help' },
];
