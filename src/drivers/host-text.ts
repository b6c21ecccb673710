// Programs that are started from their own text, so that they start as fast as Node does.

import { readFile } from 'node:fs/promises';
import type { OverlayReaders } from '../ports/overlays.ts';

/** The program beside `from` as JavaScript: it has no imports that would need a file beside it. */
export async function readHostText(
  name: 'module-host' | 'provider-host',
  from: string,
  stripTypes: OverlayReaders['stripTypes'],
): Promise<string> {
  const compiled = from.endsWith('.js');
  const file = `./${name}${compiled ? '.js' : '.ts'}`;
  const text = await readFile(new URL(file, from), 'utf8');
  if (compiled) return text;
  const stripped = await stripTypes(text, file);
  if ('problem' in stripped) throw new Error(`${file}: ${stripped.problem.message}`);
  return stripped.code;
}
