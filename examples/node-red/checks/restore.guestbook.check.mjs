// After the restore: what was there at backup time, and nothing that was written later.

export async function guestbook_is_the_one_of_the_backup({ fetch, assert, evidence }) {
  const response = await fetch('/guestbook');
  const text = await response.text();
  evidence('guestbook', text.slice(0, 500));
  assert.equal(response.status, 200);
  assert.deepEqual(JSON.parse(text), ['Ada was here', 'Grace was here']);
}
