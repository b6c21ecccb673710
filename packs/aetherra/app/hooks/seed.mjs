// Four memories, one of them large enough to be packed.
import { store } from './memory.mjs';

await store('first', { text: 'Ada was here' });
await store('second', { text: 'Grace was here — naïvely' });
await store('third', { parts: [1, [2, { deep: null }]] });
await store('large', { text: 'x'.repeat(100_000) });
