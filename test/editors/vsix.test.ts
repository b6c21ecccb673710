// The package of the extension: built without a network, complete, and loadable.

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';

let folder = '';
const files = new Map<string, Buffer>();
const vsix = 'seatrial-aether-0.1.0.vsix';

function build(name: string): Buffer {
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/vsix.ts', join(folder, name)], {
    // Whatever asks for the network is refused.
    env: { ...process.env, HTTPS_PROXY: 'http://127.0.0.1:9', npm_config_offline: 'true' },
  });
  return fs.readFileSync(join(folder, name, vsix));
}

beforeAll(async () => {
  folder = fs.mkdtempSync(join(tmpdir(), 'seatrial-vsix-'));
  const zip = await fromBufferPromise(build('one'));
  for await (const entry of zip.eachEntry()) {
    const stream = await zip.openReadStreamPromise(entry);
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk as Uint8Array);
    files.set(entry.fileName, Buffer.concat(chunks));
  }
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

type Contributed = {
  readonly version: string;
  readonly main: string;
  readonly contributes: {
    readonly languages: readonly { readonly configuration: string }[];
    readonly grammars: readonly { readonly path: string }[];
  };
};

const manifest = (): Contributed =>
  JSON.parse(files.get('extension/package.json')?.toString() ?? '') as Contributed;

test('equal sources give equal bytes', () => {
  expect(build('two').equals(build('three'))).toBe(true);
});

test('every file that the manifest names is inside', () => {
  const { main, contributes } = manifest();
  const named = [
    main,
    ...contributes.languages.map(({ configuration }) => configuration),
    ...contributes.grammars.map(({ path }) => path),
  ];
  for (const name of named) expect([...files.keys()]).toContain(join('extension', name));
  for (const name of ['[Content_Types].xml', 'extension.vsixmanifest', 'extension/LICENSE.txt'])
    expect([...files.keys()]).toContain(name);
});

test('both manifests tell one version, which is that of Seatrial', () => {
  const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { version: string };
  expect(manifest().version).toBe(version);
  expect(files.get('extension.vsixmanifest')?.toString()).toContain(`Version="${version}"`);
});

test('the content types cover every file', () => {
  const types = files.get('[Content_Types].xml')?.toString() ?? '';
  for (const name of files.keys())
    if (name !== '[Content_Types].xml')
      expect(types, name).toContain(`Extension="${name.slice(name.lastIndexOf('.'))}"`);
});

/** An editor that has everything and does nothing: any name is a class, a function and a value. */
const anyEditor = `
const make = () => new Proxy(class { static dispose() {} }, {
  get: (target, name) => (name in target ? target[name] : (target[name] = make())),
  apply: () => make(),
});
module.exports = make();
module.exports.workspace = {
  isTrusted: false,
  asked: [],
  onDidGrantWorkspaceTrust: (listener) => (module.exports.workspace.asked.push(listener), make()),
};
`;

test('it loads, and starts no program in a workspace that is not trusted', async () => {
  const root = join(folder, 'installed');
  for (const [name, content] of files) {
    fs.mkdirSync(dirname(join(root, name)), { recursive: true });
    fs.writeFileSync(join(root, name), content);
  }
  const editor = join(root, 'extension/node_modules/vscode');
  fs.mkdirSync(editor, { recursive: true });
  fs.writeFileSync(join(editor, 'index.js'), anyEditor);
  fs.writeFileSync(join(editor, 'package.json'), '{"type":"commonjs"}');
  const require = createRequire(join(root, 'extension/dist/x.cjs'));
  const extension = require(join(root, 'extension', manifest().main)) as {
    activate: (context: { subscriptions: unknown[] }) => Promise<void>;
    deactivate: () => Promise<void>;
  };
  const subscriptions: unknown[] = [];
  await extension.activate({ subscriptions });
  expect(subscriptions).toHaveLength(1);
  await extension.deactivate();
  const { workspace } = require('vscode') as { workspace: { asked: unknown[] } };
  expect(workspace.asked).toHaveLength(1);
});
