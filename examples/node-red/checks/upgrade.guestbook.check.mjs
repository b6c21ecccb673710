// The user's flow and its entries, asked over HTTP as a user would.

export async function flow_still_answers({ fetch, assert, evidence }) {
  const response = await fetch('/guestbook');
  evidence('answer', { status: response.status, body: (await response.text()).slice(0, 500) });
  assert.equal(response.status, 200, 'the guestbook flow no longer answers');
}

export async function entries_are_kept({ fetch, assert, evidence }) {
  const response = await fetch('/guestbook');
  const text = await response.text();
  evidence('guestbook', text.slice(0, 500));
  const book = response.status === 200 ? JSON.parse(text) : [];
  assert.deepEqual(book.slice(0, 2), ['Ada was here', 'Grace was here']);
}
