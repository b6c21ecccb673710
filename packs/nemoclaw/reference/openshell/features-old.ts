// What the gateway of 0.0.36 does to requests: a credential's place is filled in headers only.

import type { Resolve } from './fill-placeholders.ts';
import { fillPlaceholders } from './fill-placeholders.ts';

export const features: readonly string[] = [];

/** Protocols of helpers that this gateway understands. */
export const protocols: readonly number[] = [1];

/** The protocol that this release's helper speaks. */
export const helperProtocol = 1;

export function fillHeader(value: string, resolve: Resolve): string {
  return fillPlaceholders(value, resolve);
}

export function fillBody(body: Buffer): Buffer {
  return body;
}
