import type { JsonObject } from '../ports/json.ts';

const text = { type: 'string' };
const flag = { type: 'boolean' };
const texts = { type: 'array', items: text };

/** The published JSON Schema 2020-12 of gate_results.json. */
export const gateResultsSchema: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:seatrial:schema:gate-results:1',
  type: 'object',
  required: ['_meta'],
  properties: {
    _meta: {
      type: 'object',
      required: [
        ...['profile', 'ts', 'all_passed', 'schema', 'decision', 'complete', 'strict_manual'],
        ...['run_id', 'commit', 'gates_digest', 'journal_digest', 'expected', 'not_run'],
      ],
      properties: {
        profile: text,
        ts: { type: 'number' },
        all_passed: flag,
        decision: { enum: ['go', 'pending', 'partial', 'undecided', 'no-go'] },
        complete: flag,
        strict_manual: flag,
        commit: { type: ['string', 'null'], pattern: '^[0-9a-f]{40}([0-9a-f]{24})?$' },
        expected: texts,
        not_run: texts,
      },
    },
  },
  patternProperties: {
    '^[a-z][a-z0-9_]{0,63}$': {
      type: 'object',
      required: [
        ...['ok', 'manual', 'duration_sec', 'details'],
        ...['state', 'required', 'checks', 'evidence'],
      ],
      properties: {
        ok: flag,
        manual: flag,
        duration_sec: { type: 'number', minimum: 0 },
        details: { type: 'object' },
        state: { enum: ['pass', 'fail', 'error', 'manual-pending', 'not-run'] },
        required: flag,
        title: text,
        checks: { type: 'array', items: { type: 'object', required: ['id', 'verdict'] } },
        evidence: {
          type: 'array',
          items: { type: 'object', required: ['name', 'path', 'sha256', 'media_type'] },
        },
      },
      allOf: [
        {
          if: { properties: { ok: { const: true } } },
          then: { properties: { state: { const: 'pass' } } },
        },
      ],
    },
  },
  additionalProperties: false,
};
