// Something is written after the backup; a restore must not bring it back.
import { sign } from './guestbook.mjs';

await sign('written after the backup');
