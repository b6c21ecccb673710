// What came after the backup must be gone after the restore, and what went must be back.
import { ensureCategory, removeCategory } from './api.mjs';

await ensureCategory('later');
await removeCategory('kept');
