import { RE2JS } from 're2js';

/** Whether an engine without back-references and look-around, which cannot be made to hang, takes a pattern. */
export function isLinearPattern(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}
