// The client: starts the language server of Seatrial for .aether files. Everything it knows comes
// from there.

import { workspace, type ExtensionContext } from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';

let client: LanguageClient | undefined;

/** A workspace that is not trusted may not choose which program runs. */
export async function activate(context: ExtensionContext): Promise<void> {
  if (workspace.isTrusted) await start();
  else context.subscriptions.push(workspace.onDidGrantWorkspaceTrust(start));
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(): Promise<void> {
  const settings = workspace.getConfiguration('aether.server');
  const command = settings.get('command', 'aether');
  const args = settings.get<readonly string[]>('arguments', ['lsp', '--stdio']);
  client = new LanguageClient(
    'aether',
    'Aether',
    { command, args: [...args] },
    { documentSelector: [{ language: 'aether' }] },
  );
  await client.start();
}
