// Something is remembered after the backup; a restore must not bring it back.
import { store } from './memory.mjs';

await store('later', { text: 'stored after the backup' });
