// Inventory, amendments and claims.

import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { JsonObject } from '../ports/json.ts';
import { jsonSchemaOf } from '../scenario/json-schema.ts';
import { loadAuditFile, type LoadedFile } from './audit-file.ts';
import {
  amendmentsSchema,
  claimSchema,
  inventorySchema,
  type Amendment,
  type Claim,
  type InventoryEntry,
} from './queue-schema.ts';

const titles = {
  inventory: 'Seatrial audit inventory',
  amendments: 'Seatrial audit amendments',
  claim: 'Seatrial audit claim',
};

export const renderInventorySchema = (): JsonObject =>
  jsonSchemaOf(inventorySchema, titles.inventory);
export const renderAmendmentsSchema = (): JsonObject =>
  jsonSchemaOf(amendmentsSchema, titles.amendments);
export const renderClaimSchema = (): JsonObject => jsonSchemaOf(claimSchema, titles.claim);

export function loadInventory(source: Source): LoadedFile<readonly InventoryEntry[]> {
  const loaded = loadAuditFile(source, inventorySchema, titles.inventory);
  return unique(loaded, 'subject', ({ subject }) => subject);
}

export function loadAmendments(source: Source): LoadedFile<readonly Amendment[]> {
  const loaded = loadAuditFile(source, amendmentsSchema, titles.amendments);
  return unique(loaded, 'id', ({ id }) => id);
}

export const loadClaim = (source: Source): LoadedFile<Claim> =>
  loadAuditFile(source, claimSchema, titles.claim);

function unique<Item>(
  { value, document, problems }: LoadedFile<readonly Item[]>,
  key: string,
  nameOf: (item: Item) => string,
): LoadedFile<readonly Item[]> {
  if (value === undefined || document === undefined) return { problems };
  const seen = new Set<string>();
  const twice = value.flatMap((item, index) => {
    const name = nameOf(item);
    if (seen.size !== seen.add(name).size) return [];
    return [doubled(name, document.spanOf([index, key]))];
  });
  return twice.length > 0 ? { problems: twice } : { value, document, problems };
}

const doubled = (name: string, span: Span): Diagnostic => ({
  code: 'AU001',
  severity: 'error',
  span,
  message: `${JSON.stringify(name)} is here twice.`,
  hint: 'Keep one of them.',
});
