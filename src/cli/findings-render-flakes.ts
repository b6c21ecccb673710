import { printable } from '../diagnostics/printable.ts';
import type { Flakes } from '../findings/flakes.ts';

export function renderFlakes({ runs, subjects }: Flakes): string {
  const head = `${String(runs.before)} runs before, ${String(runs.after)} after, ${String(runs.alone)} alone`;
  if (subjects.length === 0) return `${head}: nothing failed\n`;
  const rows = subjects.map(({ path, verdict, before, after, alone, p_adjusted }) => {
    const counts = [before, after, alone].map(
      ({ failed, passed }) => `${String(failed)}/${String(failed + passed)}`,
    );
    return `${verdict.padEnd(10)} ${counts.join(' → ').padEnd(20)} p=${p_adjusted.toPrecision(3)}  ${printable(path)}`;
  });
  return `${[head, 'failed of runs before → after → alone:', ...rows].join('\n')}\n`;
}
