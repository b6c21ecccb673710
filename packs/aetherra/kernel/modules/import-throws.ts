// Sound until it is given the state of the one before it.

import { countingModule } from './hot-module.ts';

const importState = (): never => {
  throw new Error('the state is of a form that nobody knows');
};

export const createModule = () => countingModule('import-throws', { importState });
