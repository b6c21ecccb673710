// A page for people who have signed in somewhere else: it sends them to the identity provider, exchanges the
// code that they come back with, and remembers who they are.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { IDP_URL: provider = '', CLIENT_ID: client = '', DOMAIN: domain } = process.env;
const secret = readFileSync('/run/secrets/client_secret', 'utf8').trim();
const callback = `https://${domain}/callback`;
const file = '/data/sessions.json';
const sessions = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const waiting = new Set();

async function nameBehind(code) {
  const answered = await fetch(`${provider}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: callback }),
  });
  if (!answered.ok) throw new Error(`the provider says ${answered.status}`);
  const { access_token: token } = await answered.json();
  const told = await fetch(`${provider}/userinfo`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await told.json()).name;
}

function login() {
  if (provider === '') return { status: 503, text: 'nobody can sign in here\n' };
  const state = randomBytes(8).toString('hex');
  waiting.add(state);
  const to = new URL(`${provider}/authorize`);
  const asked = { response_type: 'code', client_id: client, redirect_uri: callback, state };
  for (const [name, value] of Object.entries(asked)) to.searchParams.set(name, value);
  return { status: 302, headers: { location: to.href }, text: '' };
}

async function comeBack(query) {
  if (!waiting.delete(query.get('state'))) return { status: 400, text: 'nobody was sent away\n' };
  const name = await nameBehind(query.get('code') ?? '');
  const session = randomBytes(16).toString('hex');
  sessions[session] = name;
  writeFileSync(file, JSON.stringify(sessions));
  const headers = { location: '/me', 'set-cookie': `session=${session}; HttpOnly; Path=/` };
  return { status: 302, headers, text: '' };
}

function whoAmI({ cookie = '' }) {
  const name = sessions[/session=([0-9a-f]+)/.exec(cookie)?.[1] ?? ''];
  return name === undefined ? { status: 401, text: 'not signed in\n' } : { text: `${name}\n` };
}

async function answer({ url, headers }) {
  const { pathname, searchParams: query } = new URL(url, 'http://here');
  if (pathname === '/') return { text: 'the portal\n' };
  if (pathname === '/login') return login();
  if (pathname === '/callback') return comeBack(query);
  return pathname === '/me' ? whoAmI(headers) : { status: 404, text: 'not here\n' };
}

createServer((request, response) => {
  answer(request)
    .catch(({ message }) => ({ status: 502, text: `${message}\n` }))
    .then(({ status = 200, headers = {}, text }) => response.writeHead(status, headers).end(text));
}).listen(8080);
