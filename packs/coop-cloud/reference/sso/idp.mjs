// A small identity provider: clients register and get a secret, people sign in with a password, and a client
// exchanges the code that they bring for a token that says who they are. Clients and people are kept in a file.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const zone = process.env.CLIENT_ZONE;
const issuer = `https://${process.env.DOMAIN}`;
const file = '/data/state.json';
const state = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { clients: {}, people: {} };
const codes = new Map();
const tokens = new Map();

const made = (bytes) => randomBytes(bytes).toString('hex');
const digest = (text) => createHash('sha256').update(text).digest('hex');
const keep = () => writeFileSync(file, JSON.stringify(state));

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Back to whom a code is given: nobody outside the zone that the operator names. */
function redirectOf(text) {
  const to = URL.canParse(text ?? '') ? new URL(text) : undefined;
  if (to === undefined || !(to.hostname === zone || to.hostname.endsWith(`.${zone}`)))
    throw new Refused(400, 'redirect_uri is not below the zone of clients');
  return to;
}

function clientOf({ authorization = '' }) {
  const [id = '', secret = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':');
  if (state.clients[id]?.secret !== digest(secret)) throw new Refused(401, 'invalid_client');
  return id;
}

const form = `<form method="post"><input name="name"><input name="password" type="password"><button>Sign in</button></form>\n`;

const routes = {
  'GET /': () => ({ text: 'the identity provider\n' }),
  'GET /.well-known/openid-configuration': () => ({
    json: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
    },
  }),
  'POST /clients': ({ body }) => {
    const [id, secret] = [made(8), made(24)];
    state.clients[id] = { name: body.get('name') ?? '', secret: digest(secret) };
    keep();
    return { json: { client_id: id, client_secret: secret } };
  },
  'POST /people': ({ body }) => {
    const [name, password] = [body.get('name') ?? '', made(12)];
    if (name === '') throw new Refused(400, 'a person has a name');
    state.people[name] = digest(password);
    keep();
    return { json: { name, password } };
  },
  'GET /authorize': ({ query }) => {
    redirectOf(query.get('redirect_uri'));
    return { text: form };
  },
  'POST /authorize': ({ query, body }) => {
    const to = redirectOf(query.get('redirect_uri'));
    const [client, name] = [query.get('client_id') ?? '', body.get('name') ?? ''];
    if (state.clients[client] === undefined) throw new Refused(400, 'unknown client');
    if (state.people[name] !== digest(body.get('password') ?? '')) throw new Refused(403, 'wrong');
    const code = made(16);
    codes.set(code, { client, name, redirect: query.get('redirect_uri') });
    to.searchParams.set('code', code);
    to.searchParams.set('state', query.get('state') ?? '');
    return { to: to.href };
  },
  'POST /token': ({ headers, body }) => {
    const client = clientOf(headers);
    const found = codes.get(body.get('code'));
    codes.delete(body.get('code'));
    if (found?.client !== client || found.redirect !== body.get('redirect_uri'))
      throw new Refused(400, 'invalid_grant');
    const token = made(16);
    tokens.set(token, found.name);
    return { json: { access_token: token, token_type: 'Bearer' } };
  },
  'GET /userinfo': ({ headers }) => {
    const name = tokens.get((headers.authorization ?? '').replace(/^Bearer /, ''));
    if (name === undefined) throw new Refused(401, 'invalid_token');
    return { json: { sub: digest(name).slice(0, 16), name } };
  },
};

async function answer(request) {
  const { pathname, searchParams: query } = new URL(request.url, 'http://here');
  const route = routes[`${request.method} ${pathname}`];
  if (route === undefined) throw new Refused(404, 'not here');
  let text = '';
  for await (const chunk of request) text += chunk;
  return route({ query, headers: request.headers, body: new URLSearchParams(text) });
}

createServer((request, response) => {
  answer(request)
    .catch(({ status = 500, message }) => ({ status, text: `${message}\n` }))
    .then(({ status, text, json, to }) => {
      if (to !== undefined) response.writeHead(302, { location: to }).end();
      else if (json === undefined) response.writeHead(status ?? 200).end(text);
      else
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
}).listen(8080);
