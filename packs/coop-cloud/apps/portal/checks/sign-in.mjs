/** As a browser would: to the portal, from there to the provider, and back with a code. */
export async function signIn({ fetch: ask, deps: { idp }, assert }, name) {
  const person = await send(`${idp.url}/people`, { name });
  const { password } = await person.json();
  const away = await ask('/login');
  assert.equal(away.status, 302, 'the portal sends nobody to a provider');
  const to = new URL(away.headers.get('location'));
  assert.equal(to.hostname, idp.domain);
  // From this host the provider is reached elsewhere than from the network that it shares with the portal.
  const back = await send(`${idp.url}${to.pathname}${to.search}`, { name, password });
  assert.equal(back.status, 302, 'the provider lets nobody in');
  const { pathname, search } = new URL(back.headers.get('location'));
  const home = await ask(`${pathname}${search}`);
  assert.equal(home.status, 302, 'the portal does not know who comes back');
  const cookie = home.headers.get('set-cookie').split(';')[0];
  return (await (await ask('/me', { headers: { cookie } })).text()).trim();
}

const send = (url, fields) =>
  fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) });
