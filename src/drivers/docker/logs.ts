// What the app wrote: the logs of its containers, merged by the engine's time stamps, each line once.

import { listContainers } from './containers.ts';
import { query } from './engine.ts';
import { demultiplex } from './frames.ts';
import type { Instance } from './instance.ts';
import type { Orchestrator } from './orchestrator.ts';

const containersMax = 64;
const bytesMax = 4 * 1024 * 1024;

type Line = { readonly at: string; readonly text: string };

/** Everything since the last call, at most 4 MiB per container; containers that are gone took theirs along. */
export async function takeLogs(
  instance: Instance,
  orchestrator: Orchestrator,
): Promise<Uint8Array> {
  const { engine, state, context } = instance;
  const { deployed } = state;
  if (deployed === undefined) return new Uint8Array();
  const containers = await listContainers(engine, orchestrator.filter(deployed.stack.name));
  const until = new Map(state.logsUntil);
  const lines: Line[] = [];
  for (const { Id: id, Labels: all } of containers.slice(0, containersMax)) {
    const fresh = await linesOf(instance, id, until.get(id));
    const last = fresh.at(-1);
    if (last === undefined) continue;
    until.set(id, last.at);
    lines.push(...fresh);
    const service = all?.['com.docker.compose.service'] ?? all?.['com.docker.swarm.service.name'];
    context.onOutput(service ?? id, Buffer.from(fresh.map(({ text }) => text).join('')));
  }
  state.logsUntil = until;
  lines.sort((a, b) => (a.at < b.at ? -1 : 1));
  return new Uint8Array(Buffer.from(lines.map(({ text }) => text).join('')));
}

async function linesOf(
  { engine }: Instance,
  container: string,
  after: string | undefined,
): Promise<readonly Line[]> {
  const answer = await engine.stream({
    path: `/containers/${container}/logs${query({
      ...{ stdout: true, stderr: true, timestamps: true },
      ...(after === undefined ? {} : { since: sinceOf(after) }),
    })}`,
    // Gone in the meantime, or a log driver that keeps none.
    allow: [404, 409, 501],
  });
  if (answer.statusCode !== 200) {
    answer.resume();
    return [];
  }
  const texts: Buffer[] = [];
  let size = 0;
  for await (const { bytes } of demultiplex(answer)) {
    texts.push(Buffer.from(bytes));
    size += bytes.length;
    if (size > bytesMax) break;
  }
  return Buffer.concat(texts)
    .toString('utf8')
    .split(/(?<=\n)/)
    .map((line) => ({
      at: line.slice(0, line.indexOf(' ')),
      text: line.slice(line.indexOf(' ') + 1),
    }))
    .filter(({ at }) => /^\d{4}-/.test(at) && (after === undefined || at > after));
}

/** Seconds and nanoseconds of a time stamp: it includes that moment, which is filtered out again. */
function sinceOf(at: string): string {
  const seconds = Math.floor(Date.parse(at) / 1000);
  const fraction = /\.(\d+)/.exec(at)?.[1] ?? '0';
  return `${String(seconds)}.${fraction.padEnd(9, '0')}`;
}
