import type { HttpResponse } from '../ports/http.ts';
import type { Json } from '../ports/json.ts';
import { judged, text, type Ask, type AskContext } from './ask.ts';
import type { CheckOf } from './check-schema.ts';
import { documentMismatches, mismatch, parseJson, presentPointers } from './match.ts';
import type { Matcher } from './matcher-schema.ts';
import { answerFacts, sendRequest, statusFault } from './send.ts';

/** Every answer is as expected. */
export const askHttp: Ask<'http'> = async (check, context) => {
  const count = check.concurrent ?? 1;
  const responses = await Promise.all(
    Array.from({ length: count }, () => sendRequest(check.request, context)),
  );
  const documents = responses.map(({ body }) => parseJson(text(body)));
  const faults = responses.flatMap((response, index) => {
    const found = answerFaults(response, documents[index], { check, context });
    return count === 1 ? found : found.map((each) => `answer ${String(index + 1)}: ${each}`);
  });
  const [first] = responses;
  const facts = first === undefined ? {} : answerFacts(first, documents[0]);
  const passed =
    count === 1
      ? `${String(first?.status ?? 0)} as expected`
      : `${String(count)} answers as expected`;
  return judged(faults, passed, {
    facts: { ...facts, answers: count },
    document: documents[0],
    files: responses.slice(0, 1).map(({ body, headers }) => ({
      name: 'body',
      mediaType: headers['content-type']?.split(';')[0] ?? 'application/octet-stream',
      bytes: body,
    })),
  });
};

function answerFaults(
  response: HttpResponse,
  document: Json | undefined,
  { check, context }: { readonly check: CheckOf<'http'>; readonly context: AskContext },
): readonly string[] {
  const { status, headers = {}, json = {}, absent = [], text: body } = check.expect;
  const bodyFault = body === undefined ? undefined : mismatch(text(response.body), body);
  return [
    ...statusFault(response.status, status),
    ...headerFaults(response.headers, headers),
    ...(response.truncated ? ['the body is larger than 4 MiB'] : []),
    ...jsonFaults(document, { json, absent }, context),
    ...(bodyFault === undefined ? [] : [`the body ${bodyFault}`]),
  ];
}

function jsonFaults(
  document: Json | undefined,
  { json, absent }: { json: Readonly<Record<string, Matcher>>; absent: readonly string[] },
  { earlier }: AskContext,
): readonly string[] {
  if (Object.keys(json).length === 0 && absent.length === 0) return [];
  // An answer that is no JSON holds nothing that must be absent, but nobody said that it may be none.
  if (document === undefined) return ['the body is no JSON'];
  return [...documentMismatches(document, json, earlier), ...presentPointers(document, absent)];
}

export const headerFaults = (
  headers: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, Matcher>>,
): readonly string[] =>
  Object.entries(wanted).flatMap(([name, matcher]) => {
    const why = mismatch(headers[name.toLowerCase()], matcher);
    return why === undefined ? [] : [`the header ${name} ${why}`];
  });
