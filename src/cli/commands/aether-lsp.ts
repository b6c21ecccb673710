import { functionsOption } from '../aether-option-tables.ts';
import { text, type Command } from '../command.ts';

export const aetherLsp: Command = {
  name: 'aether lsp',
  summary: 'Serve editors: the Language Server Protocol over standard input and output',
  details: [
    'Diagnostics, formatting, hover, completion, symbols and quick fixes; editors/vscode is a client.',
  ],
  options: [
    { name: 'stdio', summary: 'accepted, as editors pass it; there is no other way' },
    functionsOption,
  ],
  run: async ({ values }, terminal) => {
    const { loadRegistry } = await import('../aether-registry.ts');
    const { serve } = await import('../aether-lsp.ts');
    const registry = await loadRegistry(text(values, 'functions'), terminal);
    const streams = { input: process.stdin, output: process.stdout };
    const code = await serve(streams, { registry, signal: terminal.signal });
    // An open standard input would keep the process alive.
    process.stdin.destroy();
    return code;
  },
};
