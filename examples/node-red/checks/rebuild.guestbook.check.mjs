export { entries_are_kept } from './upgrade.guestbook.check.mjs';
