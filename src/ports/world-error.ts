// A failure of the outside world. Thrown by drivers only and turned into a record in one place,
// lifecycle/failure.ts; everything else in Seatrial returns its troubles as values.

export type WorldErrorCode =
  | 'cancelled' // the run was told to stop
  | 'timeout'
  | 'not-found' // a file, program, release or tag that was asked for
  | 'permission'
  | 'disk-full'
  | 'read-only'
  | 'io' // any other failure of a file system call
  | 'unavailable' // a tool or service this host lacks
  | 'network' // registry or remote repository out of reach
  | 'untrusted' // whoever answers could not prove to be the host that was asked
  | 'resource-busy' // a lock or port that others hold
  | 'lock-lost'
  | 'dependency' // an app that is to run beside this one did not come up
  | 'foreign-change' // somebody else changed what was deployed: nothing is learnt of the app
  | 'limit' // an input larger, deeper or slower than allowed
  | 'refused' // unsafe input: links out of a tree, odd names, changed snapshots
  | 'app-failed' // the app itself failed: exit code, crash loop, not ready
  | 'hook-failed'; // a hook of the app's owner ended with a failure

/** Whose fault a code is: the app's makes a check `failed`, everything else is the testbed's `error`. */
export const isAppFault = (code: WorldErrorCode): boolean =>
  code === 'app-failed' || code === 'hook-failed';

export class WorldError extends Error {
  override readonly name = 'WorldError';
  readonly code: WorldErrorCode;
  readonly hint: string | undefined;
  constructor(
    code: WorldErrorCode,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
