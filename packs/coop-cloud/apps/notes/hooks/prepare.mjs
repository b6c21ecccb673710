// The password of the administrator, so that later hooks can sign in: made here, masked before it is used.
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';

writeSync(3, `secret admin_password=${randomBytes(12).toString('hex')}\n`);
