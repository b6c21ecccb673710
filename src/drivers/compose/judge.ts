// Whether the containers of a project are up. Pure: what was seen in, an answer out.

import type { Stack } from '../../ports/stack.ts';
import type { ContainerInspect } from '../docker/facts.ts';
import type { Judgement } from '../docker/settle.ts';

export type Seen = Readonly<Record<string, readonly ContainerInspect[]>>;

/** More restarts than this, and none alive long enough to settle, is a loop. */
const restartsMax = 20;

export function judgeProject(stack: Stack, seen: Seen, oneshot: readonly string[]): Judgement {
  const judged = Object.keys(stack.services).map((name) =>
    judgeService({ name, stack, oneshot }, seen[name] ?? []),
  );
  const worst =
    judged.find(({ state }) => state === 'failed') ?? judged.find(({ state }) => state !== 'up');
  if (worst !== undefined) return worst;
  const up = judged.flatMap((each) => (each.state === 'up' ? [each] : []));
  return {
    state: 'up',
    identity: up.map(({ identity }) => identity).join(' '),
    notes: up.flatMap(({ notes }) => notes),
  };
}

type Asked = { readonly name: string; readonly stack: Stack; readonly oneshot: readonly string[] };

function judgeService(asked: Asked, containers: readonly ContainerInspect[]): Judgement {
  const { name, stack } = asked;
  const wanted = stack.services[name]?.deploy?.replicas ?? 1;
  if (containers.length < wanted)
    return { state: 'pending', why: `${name}: no container of ${String(wanted)} yet` };
  if (wanted === 0)
    return { state: 'up', identity: '', notes: [`scaled-to-zero: ${name} was not exercised`] };
  const judged = containers.map((container) => judgeContainer(asked, container));
  return (
    judged.find(({ state }) => state === 'failed') ??
    judged.find(({ state }) => state !== 'up') ??
    joined(judged)
  );
}

function joined(judged: readonly Judgement[]): Judgement {
  const up = judged.flatMap((each) => (each.state === 'up' ? [each] : []));
  return {
    state: 'up',
    identity: up.map(({ identity }) => identity).join(' '),
    notes: up.flatMap(({ notes }) => notes),
  };
}

function judgeContainer(asked: Asked, container: ContainerInspect): Judgement {
  const { name } = asked;
  const { State: is, RestartCount: restarts } = container;
  const memory = is.OOMKilled ? ' for want of memory' : '';
  if (is.Status === 'exited' || is.Status === 'dead') return judgeEnded(asked, container);
  if (restarts > restartsMax)
    return {
      state: 'failed',
      cause: 'crash-loop',
      message: `${name} restarted ${String(restarts)} times${memory}`,
    };
  if (is.Status !== 'running')
    return { state: 'pending', why: `${name} is ${is.Status}${memory}${lastWord(is.Error)}` };
  return judgeRunning(name, container);
}

function judgeRunning(name: string, container: ContainerInspect): Judgement {
  const { State: is, RestartCount: restarts, Id: id } = container;
  const health = is.Health?.Status ?? 'none';
  if (health !== 'healthy' && health !== 'none')
    return { state: 'pending', why: `${name} is ${health}${lastCheck(container)}` };
  const identity = `${id}/${String(restarts)}/${is.StartedAt}`;
  const notes = restarts > 0 ? [`restarted: ${name} ${String(restarts)} times`] : [];
  return { state: 'up', identity, notes };
}

function judgeEnded(
  { name, stack, oneshot }: Asked,
  { State: is, Id: id, HostConfig: host }: ContainerInspect,
): Judgement {
  const code = is.ExitCode;
  const finishes = oneshot.includes(name) || isAwaited(stack, name);
  if (code === 0 && finishes)
    return { state: 'up', identity: `${id}/done`, notes: [`completed: ${name}`] };
  const policy = host.RestartPolicy.Name;
  // Between two restarts a container shows as ended for a moment.
  if (policy === 'always' || policy === 'unless-stopped')
    return { state: 'pending', why: `${name} ended with exit code ${String(code)}` };
  const memory = is.OOMKilled ? ', killed for want of memory' : '';
  return code === 0
    ? {
        state: 'failed',
        cause: 'exited',
        message: `${name} ended with exit code 0; name it in \`oneshot\` if it should`,
      }
    : {
        state: 'failed',
        cause: is.OOMKilled ? 'out-of-memory' : 'crash',
        message: `${name} ended with exit code ${String(code)}${memory}${lastWord(is.Error)}`,
      };
}

/** Whether another service waits for it to complete. */
const isAwaited = ({ services }: Stack, name: string): boolean =>
  Object.values(services).some(
    ({ depends_on: on }) =>
      (on?.[name] as { condition?: unknown } | undefined)?.condition ===
      'service_completed_successfully',
  );

const lastWord = (text: string): string => (text === '' ? '' : `: ${text.slice(0, 300)}`);

const lastCheck = ({ State: { Health: health } }: ContainerInspect): string => {
  const last = health?.Log?.at(-1);
  return last === undefined
    ? ''
    : `: its check ended with ${String(last.ExitCode)}: ${last.Output.trim().slice(0, 300)}`;
};
