/** The worker has its secret, and the set-up has run. */
export async function worker_is_set_up({ fetch, assert }) {
  const told = JSON.parse(await (await fetch('/worker')).text());
  assert.match(told.token, /^[0-9a-f]{12}$/);
  assert.equal(told.ready, true);
}
