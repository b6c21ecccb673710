// Every memory of the older version is there in the newer one, as it was.

const kept = {
  first: { text: 'Ada was here' },
  second: { text: 'Grace was here — naïvely' },
  third: { parts: [1, [2, { deep: null }]] },
  large: { text: 'x'.repeat(100_000) },
};

export async function memories_are_kept({ fetch, assert, evidence }) {
  const found = {};
  for (const node of Object.keys(kept)) {
    const response = await fetch(`/api/memory/node/${node}`);
    found[node] = response.status === 200 ? (await response.json()).data : null;
  }
  evidence('nodes', JSON.stringify(found).slice(0, 500));
  assert.deepEqual(found, kept);
}

export async function memory_is_coherent({ fetch, assert }) {
  const { coherence, node_statistics: statistics } = await (
    await fetch('/api/memory/status')
  ).json();
  assert.equal(coherence, 1);
  assert.equal(statistics.total_nodes, Object.keys(kept).length);
}
