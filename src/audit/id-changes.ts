// Whether ids still mean what they meant when the pack was last released. `checks/released.yaml` is
// the register as it was then.

import type { Source } from '../diagnostics/source.ts';
import { canonicalJson } from '../evidence/canonical.ts';
import type { Json } from '../ports/json.ts';
import type { Pack } from '../scenario/load-pack.ts';
import { loadRegister, type RegisterEntry } from '../scenario/register.ts';
import { readYaml } from '../scenario/yaml-document.ts';
import { auditFileMaxBytes } from './audit-file.ts';
import type { AuditPack } from './pack.ts';

export function idChanges(source: Source, pack: Pack): AuditPack['idChanges'] {
  const { value, problems } = loadRegister(readYaml(source, auditFileMaxBytes), {});
  if (value === undefined)
    return [{ id: source.path, message: problems[0]?.message ?? 'It cannot be read.' }];
  const removed = new Set(pack.removed.map(({ id }) => id));
  return value.checks.flatMap((was) => {
    const is = pack.register.get(was.id);
    const message = changeOf(was, is, removed.has(was.id));
    return message === undefined ? [] : [{ id: was.id, message }];
  });
}

function changeOf(
  was: RegisterEntry,
  is: RegisterEntry | undefined,
  isRemoved: boolean,
): string | undefined {
  if (is === undefined)
    return isRemoved
      ? undefined
      : `${was.id} was released and is gone without an entry in removed.`;
  if (is.revision < was.revision) return `${was.id} has a lower revision than was released.`;
  if (is.revision > was.revision || meaning(was) === meaning(is)) return undefined;
  return `${was.id} asks something else than was released under revision ${String(was.revision)}.`;
}

const meaning = ({ boundary, expect }: RegisterEntry): string =>
  canonicalJson(JSON.parse(JSON.stringify({ boundary, expect })) as Json);
