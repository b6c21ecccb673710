// A sound successor.

import { countingModule } from './hot-module.ts';

export const createModule = () => countingModule('v2');
