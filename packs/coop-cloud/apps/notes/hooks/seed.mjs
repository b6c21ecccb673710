// A category to keep. Asked for before the upgrade and again before the backup.
import { ensureCategory, ensureReader } from './api.mjs';

await ensureReader();
await ensureCategory('kept');
