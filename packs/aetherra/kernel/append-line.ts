import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** An empty file, where there is none: whoever watches can tell a quiet one from none at all. */
export function beginFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, '');
}

/** One JSON object on a line of its own, written at once so that no other line can stand inside it. */
export function appendLine(path: string, value: object): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify(value)}\n`);
}
