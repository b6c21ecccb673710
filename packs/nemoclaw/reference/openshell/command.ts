/** Takes what stands after its name; gives the exit code. */
export type Command = (args: readonly string[]) => Promise<number>;
