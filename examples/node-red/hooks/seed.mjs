// A user builds a flow and writes into it.
import { deployGuestbook, sign } from './guestbook.mjs';

await deployGuestbook();
await sign('Ada was here');
await sign('Grace was here');
