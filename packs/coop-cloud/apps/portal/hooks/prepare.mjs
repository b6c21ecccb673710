// Makes the portal known to the provider that was deployed for it, and tells the portal where that is.
import { writeSync } from 'node:fs';

const { idp } = JSON.parse(process.env.SEATRIAL_DEPS);
const response = await fetch(`${idp.url}/clients`, {
  method: 'POST',
  body: new URLSearchParams({ name: process.env.SEATRIAL_APP }),
});
if (!response.ok) throw new Error(`the provider says ${response.status}`);
const { client_id: id, client_secret: secret } = await response.json();
writeSync(3, `secret client_secret=${secret}\nenv CLIENT_ID=${id}\nenv IDP_URL=${idp.innerUrl}\n`);
