// What kernel tasks do, by their type.

import { appendLine } from './append-line.ts';
import type { Hmr } from './hmr.ts';
import type { HotTarget } from './hot-target.ts';
import { textOf, type Json, type JsonObject } from './json.ts';
import type { Worker } from './kernel-tasks.ts';
import type { Memory } from './memory.ts';
import { callOut } from './network-policy.ts';
import type { Settings } from './read-settings.ts';

export function makeWorkers(
  settings: Settings,
  { memory, hmr, plugins }: { readonly memory: Memory; readonly hmr: Hmr; plugins: HotTarget },
): Readonly<Record<string, Worker>> {
  return {
    memory_query: (data) => {
      const found = memory.read(textOf(data['id']));
      return Promise.resolve({ found: found !== undefined, data: found ?? null });
    },
    plugin_invoke: async (data) => {
      const use = await plugins.enter();
      if (use === undefined) throw new Error('plugins are being replaced');
      try {
        use.module.handle();
        return await invoke(textOf(data['plugin']), data, settings);
      } finally {
        use.leave();
      }
    },
    aetherra_thought: (data) => Promise.resolve({ thought: textOf(data['text']) }),
    hmr_reload: (data) => hmr.reload(data),
    hmr_status: () => Promise.resolve(hmr.status()),
  };
}

async function invoke(plugin: string, data: JsonObject, settings: Settings): Promise<Json> {
  const { faults } = settings;
  if (plugin === 'echo')
    return { echo: faults.has('launcher.service-deaf') ? 'something' : (data['args'] ?? null) };
  if (plugin !== 'http_get') throw new Error(`there is no plugin ${plugin}`);
  return callOut(textOf(data['url']), settings, (host) => {
    const alert = `network policy denied ${host}`;
    const timestamp = new Date().toISOString();
    appendLine(settings.alertsPath, { timestamp, severity: 'low', alert });
  });
}
