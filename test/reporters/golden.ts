// Golden files end in `.golden`, so that no formatter lays them out anew.

import { expect } from 'vitest';

/** The text must equal the golden file, byte for byte; `vitest -u` writes it anew. */
export const expectGolden = (text: string, name: string): Promise<void> =>
  expect(text).toMatchFileSnapshot(`../fixtures/reporters/${name}.golden`);
