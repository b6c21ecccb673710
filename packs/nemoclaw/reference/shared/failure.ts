/** Ends a program with a message on standard error and an exit code of its table. */
export class Failure extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const usage = (text: string): Failure => new Failure(2, `usage: ${text}`);
