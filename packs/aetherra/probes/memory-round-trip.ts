// Whether values of all kinds come back as they were stored, deeply equal.

import { isDeepStrictEqual } from 'node:util';
import { call, report } from './tool.ts';

const mebibyte = 1024 * 1024;
const values: readonly (readonly [string, unknown])[] = [
  ['unicode', { text: 'naïve — 日本語 🦀\u0000\u202e', ключ: 'значение' }],
  ['nested', { messages: [{ role: 'user', parts: [[1, [2, { deep: [null, true] }]]] }] }],
  ['empty', { object: {}, list: [], text: '' }],
  ['numbers', { least: -1.5e-7, zero: 0, large: 9_007_199_254_740_991, precise: 0.1 }],
  ['a text alone', 'just text'],
  ['1 MiB', { kind: 'conversation', text: 'x'.repeat(mebibyte - 10) + 'the end' }],
];

await report(async () => {
  const wrong: string[] = [];
  let [node, type]: [unknown, string] = [null, ''];
  for (const [name, data] of values) {
    const stored = await call('POST', '/api/memory/store', { body: { data } });
    const read = await call('GET', `/api/memory/node/${String(stored.json['node'])}`);
    if (!isDeepStrictEqual(read.json['data'], data)) wrong.push(name);
    [node, type] = [stored.json['node'] ?? null, typeof read.json['data']];
  }
  return { round_trips: values.length, wrong, node, retrieved_type: type };
});
