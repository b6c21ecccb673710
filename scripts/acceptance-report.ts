// PASS: and FAIL: lines of an acceptance script, and what came of all of them.

import { say } from './steps.ts';

export type Acceptance = {
  /** `holds` throws, or answers false, where it does not; a text says why. */
  readonly expectThat: (name: string, holds: () => Promise<boolean | string>) => Promise<void>;
  readonly tell: (isHeld: boolean, name: string) => void;
  /** Exit code 0 only when everything held and something was asked. */
  readonly end: () => number;
};

export function openAcceptance(): Acceptance {
  let [passed, failed] = [0, 0];
  const tell = (isHeld: boolean, name: string): void => {
    if (isHeld) passed += 1;
    else failed += 1;
    say(`${isHeld ? 'PASS' : 'FAIL'}: ${name}`);
  };
  return {
    tell,
    expectThat: async (name, holds) => {
      try {
        const held = await holds();
        tell(held === true, typeof held === 'string' ? `${name}: ${held}` : name);
      } catch (error) {
        tell(false, `${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    end: () => {
      say(`\n${String(passed)} passed, ${String(failed)} failed`);
      return failed === 0 && passed > 0 ? 0 : 1;
    },
  };
}
