// What the verifier says of scripts. Second argument: `strict`, or `both` for one file with and without
// the flag; then files and folders, by default the folder that SCRIPTS names.

import { report } from './tool.ts';
import { verify } from './verifier.ts';

await report(() => {
  const [, , , mode = '', ...given] = process.argv;
  const paths = given.length > 0 ? given : [process.env['SCRIPTS'] ?? ''];
  const strict = verify(['--strict', ...paths]);
  if (mode === 'both') return Promise.resolve({ strict, lenient: verify(paths) });
  const files = strict.accepted.length + strict.refused.length;
  return Promise.resolve({ ...strict, files, scripts_ok: strict.exit === 0 && files > 0 });
});
