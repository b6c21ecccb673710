// What callers get who have no token, an empty one, or one that is nearly right.

import { call, report } from './tool.ts';

const token = process.env['AETHERRA_AGENTS_API_TOKEN'] ?? '';
const turned = token.replace(/[a-z]/u, (letter) => letter.toUpperCase());

const groups: Readonly<Record<string, readonly (string | undefined)[]>> = {
  missing: [undefined, ''],
  wrong: ['wrong', token.slice(0, -1), token.slice(0, 1), `${token}x`, turned, ` ${token}x`],
  any: [undefined, '', 'anything', 'undefined', 'null'],
};

async function tried(header: string | undefined, path = '/api/agents') {
  const headers = header === undefined ? {} : { 'x-aetherra-token': header };
  const { status, text } = await call('GET', path, { headers });
  return { status, tells: text.includes('total_agents') };
}

await report(async () => {
  const [, , , group = ''] = process.argv;
  // In an address it would be logged everywhere, so it does not count there.
  const inQuery = group === 'wrong' ? [await tried(undefined, `/api/agents?token=${token}`)] : [];
  const answers = [
    ...(await Promise.all((groups[group] ?? []).map((each) => tried(each)))),
    ...inQuery,
  ];
  return {
    tried: answers.length,
    status: answers[0]?.status,
    let_in: answers.filter(({ status }) => status !== 403 && status !== 401).length,
    telling: answers.filter(({ tells }) => tells).length,
  };
});
