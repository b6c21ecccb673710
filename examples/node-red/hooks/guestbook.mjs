// A user's own flow, as the editor would send it (x and y are places on its canvas): a guestbook whose entries Node-RED keeps in its context store on disk.

const base = process.env.SEATRIAL_BASE_URL;

export const nodes = [
  { id: 'guestbook', type: 'tab', label: 'Guestbook', disabled: false, info: '' },
  {
    id: 'sign',
    type: 'http in',
    z: 'guestbook',
    x: 120,
    y: 80,
    name: '',
    url: '/guestbook',
    method: 'post',
    upload: false,
    wires: [['append']],
  },
  {
    id: 'append',
    type: 'function',
    z: 'guestbook',
    x: 280,
    y: 80,
    name: 'append',
    func: "const book = flow.get('book') || [];\nif (!book.includes(msg.payload.entry)) book.push(msg.payload.entry);\nflow.set('book', book);\nmsg.payload = book;\nreturn msg;",
    outputs: 1,
    wires: [['answer']],
  },
  {
    id: 'read',
    type: 'http in',
    z: 'guestbook',
    x: 120,
    y: 140,
    name: '',
    url: '/guestbook',
    method: 'get',
    upload: false,
    wires: [['list']],
  },
  {
    id: 'list',
    type: 'function',
    z: 'guestbook',
    x: 280,
    y: 140,
    name: 'list',
    func: "msg.payload = flow.get('book') || [];\nreturn msg;",
    outputs: 1,
    wires: [['answer']],
  },
  {
    id: 'answer',
    type: 'http response',
    z: 'guestbook',
    x: 440,
    y: 110,
    name: '',
    statusCode: '',
    wires: [],
  },
];

export async function deployGuestbook() {
  const response = await fetch(`${base}/flows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'node-red-deployment-type': 'full' },
    body: JSON.stringify(nodes),
  });
  if (!response.ok) throw new Error(`deploying the guestbook: status ${response.status}`);
}

/** Waits until the flow that was just deployed answers; a second entry of one text is not added. */
export async function sign(entry) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const response = await fetch(`${base}/guestbook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entry }),
      signal: AbortSignal.timeout(5_000),
    });
    const book = response.ok ? await response.json() : [];
    if (book.includes(entry)) return;
    if (Date.now() > deadline) throw new Error(`signing: status ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
