import { bearerOf, headerOf, refusal, type Call, type Reply } from './http-route.ts';
import type { Settings } from './read-settings.ts';
import { isSameSecret } from './same-secret.ts';

export type Access = { readonly principal: string } | { readonly refused: Reply };

/** Who calls, or why nobody may. Each configured token is a principal of its own. */
export function chatAccess(call: Call, { ai, faults }: Settings): Access {
  if (!ai.enabled) return { refused: refusal(501, 'disabled') };
  if (!ai.requireToken || faults.has('policy.lies-token')) return { principal: 'anyone' };
  if (ai.tokens.length === 0) return { refused: refusal(503, 'no_token_configured') };
  const given = bearerOf(call);
  const index = ai.tokens.findIndex((token) => isSameSecret(given, token));
  return index === -1
    ? { refused: refusal(403, 'forbidden') }
    : { principal: `token-${String(index)}` };
}

/** By header, query or body, in this order. */
export function given(call: Call, header: string, name: string): string | undefined {
  const fromBody = call.body[name];
  return (
    headerOf(call, header) ??
    call.query.get(name) ??
    (typeof fromBody === 'string' || typeof fromBody === 'number' ? String(fromBody) : undefined)
  );
}
