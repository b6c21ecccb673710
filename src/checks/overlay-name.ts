// What the name of a file in a checks folder says: which operation it follows and how it runs.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/nearest.ts';

const lifecycleOperations = [
  'install',
  'upgrade',
  'backup',
  'restore',
  'rebuild',
  'remove',
] as const;

export type OverlayName = {
  readonly operation: string;
  readonly kind: 'module' | 'executable' | 'pytest';
  /** In kebab case; names an executable's check, and tells checks of one name apart. */
  readonly stem: string;
};

const start = { start: 0, end: 0 };
const namesHint = 'such as upgrade.notes-kept.check.ts or test_upgrade.py';

/** `fooBar`, `foo_bar` and `HTTPWorks2` as `foo-bar`, `foo-bar` and `http-works2`; undefined when nothing fits an id. */
export function kebab(name: string): string | undefined {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, (between) => (/^[ -~]+$/.test(between) ? '-' : '?'))
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(words) ? words : undefined;
}

/**
 * `operations` are those a plan may have besides the lifecycle's: `custom` and `custom-<action>`.
 * Undefined for a file that is not meant as a check.
 */
export function readOverlayName(
  path: string,
  operations: readonly string[],
): OverlayName | Diagnostic | undefined {
  const inCustom = /^(?:custom|functional|playwright)\//.test(path);
  const file = path.slice(path.lastIndexOf('/') + 1);
  const python = /^test_(.+)\.py$/.exec(file);
  if (python !== null) return pytestName(file, python[1] ?? '', inCustom, operations);
  const parts = file.split('.');
  const at = parts.indexOf('check');
  if (at < 0) return undefined;
  const extension = parts.slice(at + 1).join('.');
  const [operation = '', ...name] = parts.slice(0, at);
  const kind = kindOf(extension);
  if (kind === undefined)
    return problem(
      'OV001',
      `a check cannot end in \`.check.${extension}\``,
      'use .check.ts, .check.mjs, .check.js, .check.sh, or .check for an executable',
    );
  const stem = kebab(name.join('-'));
  if (stem === undefined)
    return problem(
      'OV001',
      `\`${file}\` does not name its check in letters and digits`,
      `name it <operation>.<name>.check…, ${namesHint}`,
    );
  return checkOperation(operation, inCustom, operations) ?? { operation, kind, stem };
}

function kindOf(extension: string): OverlayName['kind'] | undefined {
  if (['ts', 'mjs', 'js'].includes(extension)) return 'module';
  return extension === 'sh' || extension === '' ? 'executable' : undefined;
}

function pytestName(
  file: string,
  named: string,
  inCustom: boolean,
  operations: readonly string[],
): OverlayName | Diagnostic {
  const stem = kebab(file.slice(0, -'.py'.length));
  if (stem === undefined)
    return problem('OV001', `\`${file}\` is not named in letters and digits`, namesHint);
  if (inCustom) return checkCustom(named) ?? { operation: 'custom', kind: 'pytest', stem };
  const operation = named.replaceAll('_', '-');
  return checkOperation(operation, false, operations) ?? { operation, kind: 'pytest', stem };
}

const checkCustom = (operation: string): Diagnostic | undefined =>
  (lifecycleOperations as readonly string[]).includes(operation)
    ? problem(
        'OV003',
        `\`${operation}\` is an operation of the lifecycle and cannot be in custom/`,
        'move the file one folder up, or name it after what it asks',
      )
    : undefined;

function checkOperation(
  operation: string,
  inCustom: boolean,
  operations: readonly string[],
): Diagnostic | undefined {
  const lifecycle = inCustom ? checkCustom(operation) : undefined;
  if (lifecycle !== undefined) return lifecycle;
  const known = inCustom
    ? operations.filter((each) => each.startsWith('custom'))
    : [...lifecycleOperations, ...operations];
  if (known.includes(operation)) return undefined;
  const meant = nearest(operation, known);
  return problem(
    'OV002',
    `\`${operation}\` is not an operation`,
    meant === undefined ? `operations: ${known.join(', ')}` : `did you mean \`${meant}\`?`,
  );
}

const problem = (code: string, message: string, hint: string): Diagnostic => ({
  code,
  severity: 'error',
  message,
  span: start,
  hint,
});
