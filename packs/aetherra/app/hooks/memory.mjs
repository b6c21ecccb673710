// A user's memories, stored under names of their own so that storing them twice changes nothing.

const base = process.env.SEATRIAL_BASE_URL;

export async function store(node, data) {
  const response = await fetch(`${base}/api/memory/store`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ node, data }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`storing ${node}: status ${response.status}`);
}
