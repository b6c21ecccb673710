// Comes up, and then says that it is not well.

import { countingModule } from './hot-module.ts';

export const createModule = () => countingModule('unhealthy', { health: () => false });
