export async function memories_outlive_a_rebuild({ fetch, assert }) {
  const response = await fetch('/api/memory/node/large');
  assert.equal(response.status, 200);
  assert.equal((await response.json()).data.text.length, 100_000);
}
