import { randomBytes } from 'node:crypto';
import type { Ids } from '../ports/ids.ts';

export const systemIds: Ids = { nonce: (bytes) => randomBytes(bytes).toString('hex') };
