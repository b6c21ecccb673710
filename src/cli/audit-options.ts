import type { Option } from './command.ts';
import { storeOption } from './common-options.ts';

/** Of every audit command. */
export const auditOptions: readonly Option[] = [
  { name: 'pack', value: 'NAME', summary: 'a shipped pack, or a folder (default: this folder)' },
  storeOption,
  { name: 'rows', value: 'IDS', summary: 'these rows: AQ-050..AQ-056, or AQ-050,AQ-053' },
  { name: 'phase', value: 'N', summary: 'rows of this phase' },
  { name: 'subject', value: 'NAME', summary: 'what the evidence is about (default: the first)' },
  { name: 'head', value: 'DIGEST', summary: 'audited head (default: that of the newest run)' },
  { name: 'at', value: 'TIME', summary: 'the moment to audit for, RFC 3339 (default: now)' },
  { name: 'max-age', value: 'AGE', summary: 'how old the end of a run may be: 7d, 12h' },
  { name: 'release', summary: 'trust no cache; runs are at most 7 days old' },
  { name: 'require-signature', summary: 'count no bundle without a signature by a trusted key' },
  { name: 'keys', value: 'FILE', summary: 'trusted keys (default seatrial.keys.yaml)' },
];
