import type { Option } from './command.ts';

export const trustOptions: readonly Option[] = [
  { name: 'trust', value: 'FILE', summary: 'the allowlist (default ./trust.allow)' },
  {
    name: 'repository',
    value: 'PATH|URL',
    summary: 'git repository of the app (default the current folder)',
  },
  { name: 'head', value: 'REF', summary: 'commit, branch or tag (default HEAD)' },
];
