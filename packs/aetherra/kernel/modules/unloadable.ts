// Cannot even be loaded.

import { countingModule } from './hot-module.ts';

export const createModule = () => countingModule('unloadable');

throw new Error('a part of this module is missing');
