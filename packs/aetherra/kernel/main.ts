// Starts the kernel in its seven phases and says on one line where it listens.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beginFile } from './append-line.ts';
import { makeAgents } from './agents.ts';
import { makeChat } from './chat.ts';
import { openDeadLetters } from './dead-letters.ts';
import { makeEngine } from './engine.ts';
import { makeHmr } from './hmr.ts';
import { openAudit } from './hmr-audit.ts';
import { makeHotTarget } from './hot-target.ts';
import { answerRequest, send, type Route } from './http-route.ts';
import { makeKernelTasks } from './kernel-tasks.ts';
import { makeLyrixa } from './lyrixa.ts';
import { openMemory } from './memory.ts';
import { countingModule } from './modules/hot-module.ts';
import { readSettings, type Settings } from './read-settings.ts';
import { makeRegistry } from './registry.ts';
import { SettingsError } from './settings-error.ts';
import { bootEnded, statusRoutes, type Parts } from './status-routes.ts';
import { makeWorkers } from './workers.ts';

/** Set when a release is built; the newest otherwise. */
declare const KERNEL_VERSION: string | undefined;
const version = typeof KERNEL_VERSION === 'string' ? KERNEL_VERSION : '2.0.0';
const memoryFormat = version.startsWith('1.') ? 1 : 2;

const heartbeatMs = 50;
const targetNames = ['engine', 'adapter:memory', 'adapter:plugin', 'lyrixa_chat'] as const;

function build(settings: Settings): Parts & { readonly routes: readonly Route[] } {
  const { faults } = settings;
  const registry = makeRegistry(faults);
  registry.enter(1, 'registry');
  const made = targetNames.map((name) => makeHotTarget(name, countingModule('v1'), faults));
  const [engineTarget, memoryTarget, plugins, lyrixa] = made as [
    ...[(typeof made)[0], (typeof made)[0], (typeof made)[0], (typeof made)[0]],
  ];
  const targets = new Map(made.map((target) => [target.name, target]));
  const letters = openDeadLetters(settings);
  const audit = openAudit(settings);
  beginFile(settings.alertsPath);
  const memory = openMemory(settings, memoryTarget, memoryFormat);
  registry.register('memory_system', `file-${String(memoryFormat)}`);
  registry.register('plugin_manager', 'built-in');
  const engine = makeEngine(settings, engineTarget);
  registry.register('aetherra_engine', 'scripted');
  registry.enter(2, 'core systems');
  const hmr = makeHmr(settings, targets, audit);
  const tasks = makeKernelTasks(settings, makeWorkers(settings, { memory, hmr, plugins }), letters);
  const chat = makeChat(settings, engine, letters);
  tasks.start();
  registry.enter(3, 'kernel loop');
  const scrapes = { count: 0 };
  const parts: Parts = {
    ...{ settings, version, registry, chat, engine, memory, tasks, letters, hmr, audit, targets },
    scrapes,
  };
  const routes = [
    ...statusRoutes(parts),
    ...chat.routes,
    ...memory.routes,
    ...tasks.routes,
    ...makeAgents(settings),
    ...makeLyrixa(settings, lyrixa),
  ];
  registry.enter(4, 'activate');
  return { ...parts, routes };
}

async function boot(settings: Settings): Promise<void> {
  const parts = build(settings);
  const { registry, routes } = parts;
  if (settings.faults.has('launcher.hang')) {
    setInterval(() => undefined, 60_000);
    return;
  }
  registry.beat();
  setInterval(registry.beat, heartbeatMs).unref();
  registry.enter(5, 'validate');
  const server = createServer((request, response) => {
    answerRequest(routes, request, response).catch((error: unknown) => {
      if (!settings.quiet) process.stderr.write(`${String(error)}\n`);
      if (response.headersSent) response.destroy();
      else send(response, { status: 500, json: { error: 'internal' } });
    });
  });
  await listen(server, settings.port);
  registry.enter(6, 'announce');
  endOnSignals(server, parts);
  registry.enter(7, 'main loop');
  bootEnded();
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}`;
  process.stdout.write(`${JSON.stringify({ ready: true, url, pid: process.pid, version })}\n`);
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

function endOnSignals(server: Server, { settings, tasks }: Parts): void {
  const end = (): void => {
    if (settings.faults.has('launcher.no-shutdown')) return;
    tasks.drain();
    server.close(() => {
      process.exit(0);
    });
    server.closeAllConnections();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

try {
  await boot(readSettings(process.argv.slice(2), process.env));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
