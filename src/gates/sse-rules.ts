// What a whole event stream must look like, as a gates file says it.

import type { Json, JsonObject } from '../ports/json.ts';
import type { CheckOf } from './check-schema.ts';
import { documentMismatches, isSame, parseJson } from './match.ts';
import { valueAtPointer } from './json-pointer.ts';
import type { SseEvent } from './sse-parse.ts';

type Expect = CheckOf<'sse'>['expect'];
type Rule = (events: readonly SseEvent[], expect: Expect) => readonly string[];

/** Every rule that the stream breaks, in words; empty when it fits. */
export const streamFaults = (events: readonly SseEvent[], expect: Expect): readonly string[] =>
  rules.flatMap((rule) => rule(events, expect));

const place = (index: number): string => `event ${String(index + 1)}`;

const ends: Rule = (events, { first, last }) => {
  const [head, tail] = [events[0]?.type, events.at(-1)?.type];
  return [
    ...(first === undefined || head === first ? [] : [`the first event is ${head ?? 'absent'}`]),
    ...(last === undefined || tail === last
      ? []
      : [`the last event is ${tail ?? 'absent'}, not ${last}`]),
    ...events
      .slice(0, -1)
      .flatMap(({ type }, index) =>
        type === last ? [`${place(index)} is ${type}, and something follows it`] : [],
      ),
  ];
};

const order: Rule = (events, { order: wanted = [] }) =>
  wanted.flatMap((type, index) => {
    const there = events[index]?.type;
    return there === type ? [] : [`${place(index)} is ${there ?? 'absent'}, not ${type}`];
  });

const before: Rule = (events, { before: pairs = [] }) =>
  pairs.flatMap(([early, late]) => {
    const types = events.map(({ type }) => type);
    const [lastEarly, firstLate] = [types.lastIndexOf(early), types.indexOf(late)];
    if (firstLate === -1) return [];
    if (lastEarly === -1) return [`${late} comes without ${early} before it`];
    return lastEarly < firstLate ? [] : [`${early} comes after ${late}`];
  });

const once: Rule = (events, { once: types = [] }) =>
  types.flatMap((wanted) => {
    const count = events.filter(({ type }) => type === wanted).length;
    return count === 1 ? [] : [`${wanted} comes ${String(count)} times`];
  });

const forbid: Rule = (events, { forbid: types = [] }) =>
  events.flatMap(({ type }, index) =>
    types.includes(type) ? [`${place(index)} is ${type}, which must not come`] : [],
  );

const ids: Rule = (events, { ids: wanted }) => {
  if (wanted === undefined) return [];
  const numbers = events.map(({ id }) => (id !== undefined && /^\d{1,15}$/u.test(id) ? +id : NaN));
  return numbers.flatMap((number, index) => {
    if (Number.isNaN(number)) return [`${place(index)} has no whole number as id`];
    const previous = index === 0 ? 0 : (numbers[index - 1] ?? 0);
    const fits = wanted === 'consecutive' ? number === previous + 1 : number > previous;
    return fits ? [] : [`${place(index)} has id ${String(number)} after ${String(previous)}`];
  });
};

/** `/id` and `/type` stand for the frame's own, so that an envelope can be held against its frame. */
const envelope: Rule = (events, { envelope: matchers }) =>
  matchers === undefined
    ? []
    : events.flatMap((event, index) => {
        const data = parseJson(event.data);
        if (data === undefined) return [`the data of ${place(index)} is no JSON`];
        const document: Json = { ...asMembers(data), $frame: frameOf(event) };
        return documentMismatches(document, matchers).map((why) => `${place(index)}: ${why}`);
      });

const asMembers = (data: Json): JsonObject => (isObject(data) ? data : { $data: data });

const isObject = (data: Json): data is JsonObject =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

const frameOf = ({ id, type }: SseEvent): Json => ({
  type,
  id: id === undefined ? null : /^\d{1,15}$/u.test(id) ? Number(id) : id,
});

const count: Rule = (events, { count: wanted }) => {
  if (wanted === undefined) return [];
  const tooMany = wanted.max !== undefined && events.length > wanted.max;
  return tooMany || events.length < wanted.min ? [`${String(events.length)} events came`] : [];
};

const rules: readonly Rule[] = [ends, order, before, once, forbid, ids, envelope, count];

/** The header as JSON must deep-equal a part of the first event of a type. */
export function headerFault(
  events: readonly SseEvent[],
  headers: Readonly<Record<string, string>>,
  wanted: Expect['header_equals'],
): readonly string[] {
  if (wanted === undefined) return [];
  const header = parseJson(headers[wanted.header.toLowerCase()] ?? '');
  if (header === undefined) return [`the header ${wanted.header} is no JSON`];
  const event = events.find(({ type }) => type === wanted.event);
  if (event === undefined) return [`no event ${wanted.event} came`];
  const part = valueAtPointer(parseJson(event.data), wanted.pointer);
  return part !== undefined && isSame(header, part)
    ? []
    : [`the header ${wanted.header} and ${wanted.event} ${wanted.pointer} differ`];
}
