// As 2026.5.22 does it.

import * as store from './plugin-store.ts';
import type { PluginState } from './plugin.ts';

export const installPlugin = (extensions: string, source: string, isForced: boolean): string =>
  store.installPlugin(extensions, source, isForced);

export const listPlugins = (extensions: string): readonly PluginState[] =>
  store.listPlugins(extensions);
