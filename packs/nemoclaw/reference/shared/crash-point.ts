/**
 * Ends the process as a power cut would when NEMOCLAW_REF_CRASH_AT names this point. What a program
 * leaves behind at each step can be seen in no gentler way.
 */
export function crashPoint(name: string): void {
  if (process.env['NEMOCLAW_REF_CRASH_AT'] === name) process.kill(process.pid, 'SIGKILL');
}
