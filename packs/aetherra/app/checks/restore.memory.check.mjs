// After the restore: what was there at the backup, and nothing that came later.

export async function memory_is_the_one_of_the_backup({ fetch, assert }) {
  const first = await fetch('/api/memory/node/first');
  assert.equal(first.status, 200);
  assert.deepEqual((await first.json()).data, { text: 'Ada was here' });
  const later = await fetch('/api/memory/node/later');
  assert.equal(later.status, 404, 'a memory from after the backup is there');
}
