// Loads, and says itself that it cannot run here.

import { countingModule } from './hot-module.ts';

export const createModule = () => countingModule('bad-probe', { probe: () => false });
