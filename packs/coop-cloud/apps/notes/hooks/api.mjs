// The app's interface, as its administrator and as the reader whose categories the checks look at.
const base = process.env.SEATRIAL_BASE_URL;
const admin = `admin:${process.env.admin_password}`;
export const reader = 'reader:reads-what-was-kept';

export async function call(who, method, path, body) {
  const response = await fetch(`${base}/v1${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(who).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

export async function ensureReader() {
  const users = await call(admin, 'GET', '/users');
  const [username, password] = reader.split(':');
  if (users.every((user) => user.username !== username))
    await call(admin, 'POST', '/users', { username, password, is_admin: false });
}

export async function ensureCategory(title) {
  const categories = await call(reader, 'GET', '/categories');
  if (categories.every((category) => category.title !== title))
    await call(reader, 'POST', '/categories', { title });
}

export async function removeCategory(title) {
  const categories = await call(reader, 'GET', '/categories');
  for (const { id } of categories.filter((category) => category.title === title))
    await call(reader, 'DELETE', `/categories/${id}`);
}
