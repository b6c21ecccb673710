// How work grows with its input, on any machine: processor time of a size and of four times the size,
// the least of several tries. Linear work gives about 4, quadratic about 16; work that backtracks
// without end never comes back.

const tries = 3;
/** Below this the clock of the processor says little. */
const floorMs = 3;

export function growth(size: number, work: (size: number) => unknown): number {
  return leastMs(4 * size, work) / Math.max(floorMs, leastMs(size, work));
}

/** Between linear and quadratic, with room for a garbage collection in between. */
export const nearlyLinear = 12;

function leastMs(size: number, work: (size: number) => unknown): number {
  const times = Array.from({ length: tries }, () => {
    const before = process.cpuUsage();
    work(size);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}
