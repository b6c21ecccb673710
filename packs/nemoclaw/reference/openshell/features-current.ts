// What the gateway of 0.0.44 does to requests. The names of its features are the marks by which an
// installer knows a binary that has them.

import type { Resolve } from './fill-placeholders.ts';
import { fillPlaceholders } from './fill-placeholders.ts';

export const features: readonly string[] = [
  'request-body-credential-rewrite',
  'websocket-credential-rewrite',
];

/** Protocols of helpers that this gateway understands: sandboxes made by 0.0.36 go on working. */
export const protocols: readonly number[] = [1, 2];

/** The protocol that this release's helper speaks. */
export const helperProtocol = 2;

export function fillHeader(value: string, resolve: Resolve): string {
  return fillPlaceholders(value, resolve);
}

export function fillBody(body: Buffer, resolve: Resolve): Buffer {
  return Buffer.from(fillPlaceholders(body.toString('latin1'), resolve), 'latin1');
}
