// What a person who named a version that does not exist may have meant.

import { nearest } from '../diagnostics/nearest.ts';
import type { Release } from '../ports/release.ts';
import { compareVersions, parseVersion } from './version-order.ts';

const besideEach = 2;

/**
 * Published releases by version, or by reference where they have none: two on each side of the asked
 * version, the nearest by spelling, and the newest. At most six, newest last.
 */
export function nearVersions(asked: string, published: readonly Release[]): readonly string[] {
  const word = asked.replace(/^(npm|git|dir|tar):/, '').replace(/^(.+)@/, '');
  const names = published.map(({ version, ref }) => version ?? ref);
  const around = neighbours(word, names);
  const spelled = nearest(word, names);
  const chosen = new Set([...around, spelled, names.at(-1)]);
  return names.filter((name, index) => chosen.has(name) && names.indexOf(name) === index);
}

function neighbours(word: string, names: readonly string[]): readonly string[] {
  const missing = /^v?\d+(\.\d+)?$/.test(word) ? '.0'.repeat(3 - word.split('.').length) : '';
  const wanted = parseVersion(`${word}${missing}`);
  if (wanted === undefined) return [];
  const ordered = names
    .flatMap((name) => {
      const version = parseVersion(name);
      return version === undefined ? [] : [{ name, version }];
    })
    .sort((a, b) => compareVersions(a.version, b.version));
  const at = ordered.filter(({ version }) => compareVersions(version, wanted) < 0).length;
  return ordered.slice(Math.max(0, at - besideEach), at + besideEach).map(({ name }) => name);
}
