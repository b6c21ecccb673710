// Packages editors/vscode as a .vsix, which is a zip with two manifests. Without a network, and equal
// sources give equal bytes.
//
//   tsx scripts/vsix.ts [folder]

import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { build } from 'esbuild';
import { ZipFile } from 'yazl';
import { licences } from './licences.ts';
import { say } from './steps.ts';

const source = 'editors/vscode';
const [folder = 'build'] = process.argv.slice(2);
// The first day that a zip can tell; in its own form of time, which knows no zone.
const mtime = new Date(1980, 0, 1);

type Manifest = {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  readonly publisher: string;
  readonly engines: { readonly vscode: string };
  readonly categories: readonly string[];
};

const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest;
const { metafile, outputFiles } = await build({
  entryPoints: [join(source, 'src/extension.ts')],
  outfile: 'extension.cjs',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  // Of the oldest editor that the manifest admits.
  target: 'node20.9',
  external: ['vscode'],
  minifyWhitespace: true,
  write: false,
  metafile: true,
  logLevel: 'warning',
});

const files: Readonly<Record<string, string | Uint8Array>> = {
  '[Content_Types].xml': contentTypes(),
  'extension.vsixmanifest': packageManifest(manifest),
  'extension/package.json': read('package.json'),
  'extension/README.md': read('README.md'),
  'extension/LICENSE.txt': read('LICENSE'),
  'extension/THIRD-PARTY.txt': licences(metafile),
  'extension/language-configuration.json': read('language-configuration.json'),
  'extension/syntaxes/aether.tmLanguage.json': read('syntaxes/aether.tmLanguage.json'),
  'extension/dist/extension.cjs': outputFiles[0]?.contents ?? new Uint8Array(),
};

const zip = new ZipFile();
for (const [name, content] of Object.entries(files))
  zip.addBuffer(Buffer.from(content), name, { mtime, mode: 0o100644, forceDosTimestamp: true });
zip.end();
mkdirSync(folder, { recursive: true });
const target = join(folder, `${manifest.name}-${manifest.version}.vsix`);
await pipeline(zip.outputStream, createWriteStream(target));
say(target);

function read(name: string): Uint8Array {
  return readFileSync(join(source, name));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function contentTypes(): string {
  const types = { json: 'application/json', vsixmanifest: 'text/xml', md: 'text/markdown' };
  const rest = { txt: 'text/plain', cjs: 'application/javascript' };
  const rows = Object.entries({ ...types, ...rest }).map(
    ([extension, type]) => `<Default Extension=".${extension}" ContentType="${type}"/>`,
  );
  const name = 'http://schemas.openxmlformats.org/package/2006/content-types';
  return `<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="${name}">${rows.join('')}</Types>\n`;
}

function packageManifest(about: Manifest): string {
  const { name, displayName, description, version, publisher, engines, categories } = about;
  const namespace = 'http://schemas.microsoft.com/developer/vsx-schema/2011';
  const asset = (type: string, path: string): string =>
    `<Asset Type="Microsoft.VisualStudio.${type}" Path="extension/${path}" Addressable="true"/>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="${namespace}">
  <Metadata>
    <Identity Language="en-US" Id="${escaped(name)}" Version="${escaped(version)}" Publisher="${escaped(publisher)}"/>
    <DisplayName>${escaped(displayName)}</DisplayName>
    <Description xml:space="preserve">${escaped(description)}</Description>
    <Categories>${escaped(categories.join(','))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${escaped(engines.vscode)}"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    ${asset('Code.Manifest', 'package.json')}
    ${asset('Services.Content.Details', 'README.md')}
    ${asset('Services.Content.License', 'LICENSE.txt')}
  </Assets>
</PackageManifest>
`;
}
