import { RE2JS } from 're2js';

/**
 * `*` and `?` within one part of a path, `**` over several. On an engine without backtracking, since
 * patterns come from files of the repository.
 */
export function matchesGlob(glob: string): (path: string) => boolean {
  const pattern = glob.replace(/^\.\//u, '').replace(/\*\*\/|\*\*|\*|\?|[^*?]+/gu, translated);
  const compiled = RE2JS.compile(`^(?:${pattern})$`, RE2JS.DOTALL);
  return (path) => compiled.matches(path);
}

function translated(part: string): string {
  if (part === '**/') return '(?:.*/)?';
  if (part === '**') return '.*';
  if (part === '*') return '[^/]*';
  return part === '?' ? '[^/]' : RE2JS.quote(part);
}
