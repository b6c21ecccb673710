import { WorldError, type WorldErrorCode } from '../ports/world-error.ts';

const codes: Readonly<Record<string, WorldErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'read-only',
  EACCES: 'permission',
  EPERM: 'permission',
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  ELOOP: 'refused',
};

export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** The coded form of a failed file system call. `doing` reads on after "cannot": `read /a/b`. */
export function fileError(error: unknown, doing: string): WorldError {
  if (error instanceof WorldError) return error;
  const errno = errnoOf(error);
  const code = codes[errno ?? ''] ?? 'io';
  const detail = errno ?? (error instanceof Error ? error.message : String(error));
  return new WorldError(code, `Cannot ${doing}: ${detail}.`, { cause: error });
}

/** Runs a file system call and gives its failure the form of `fileError`. */
export async function asFileWork<Value>(doing: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, doing);
  }
}
