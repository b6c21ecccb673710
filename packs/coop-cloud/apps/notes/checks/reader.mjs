// Asks the app as the reader that the hooks made.
const headers = {
  authorization: `Basic ${Buffer.from('reader:reads-what-was-kept').toString('base64')}`,
};

export async function categories(fetch) {
  const response = await fetch('/v1/categories', { headers });
  if (response.status !== 200) throw new Error(`the reader cannot sign in: ${response.status}`);
  return JSON.parse(await response.text()).map(({ title }) => title);
}

export async function programVersion(fetch) {
  const response = await fetch('/v1/version', { headers });
  return JSON.parse(await response.text()).version;
}

/** What an audit can judge again: facts, and what they must be. */
export const facts = (check, observed, expect) => ({
  schema: 'seatrial.evidence/v1',
  ...{ check, observed, expect },
  sources: [],
});
