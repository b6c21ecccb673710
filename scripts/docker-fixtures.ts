// What the fixture images are. Names are not those of any registry, so that none can be mistaken
// for, or replaced by, the real thing.

import type { Suite } from './docker-packages.ts';

export type FixtureImage = {
  readonly suite: Suite;
  readonly packages: readonly string[];
  /** Only these packages, without what they depend on. */
  readonly alone?: boolean;
  /** Programs of this host, with their libraries. */
  readonly programs?: readonly string[];
  /** Lines of /etc/passwd. */
  readonly users?: readonly string[];
  readonly files?: Readonly<Record<string, { readonly text: string; readonly mode?: number }>>;
  /** Dockerfile instructions for the image's configuration. */
  readonly changes: readonly string[];
};

const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const script = (text: string) => ({ text, mode: 0o755 });

/** As the official images do: a variable's value may come from a file that `<NAME>_FILE` names. */
const fromFile = (names: readonly string[]): string =>
  names
    .map((name) => `if [ -n "\${${name}_FILE:-}" ]; then ${name}=$(cat "$${name}_FILE"); fi\n`)
    .join('');

const postgres = `#!/bin/sh
set -eu
${fromFile(['POSTGRES_PASSWORD', 'POSTGRES_USER', 'POSTGRES_DB'])}
: "\${POSTGRES_USER:=postgres}" "\${POSTGRES_DB:=$POSTGRES_USER}" "\${PGDATA:=/var/lib/postgresql/data}"
export PGDATA PATH="$PATH:/usr/lib/postgresql/15/bin"
mkdir -p "$PGDATA" /run/postgresql
chown -R postgres "$PGDATA" /run/postgresql
chmod 700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "\${POSTGRES_PASSWORD:?}"
  umask 077
  printf '%s\\n' "$POSTGRES_PASSWORD" > /tmp/pw
  chown postgres /tmp/pw
  su postgres -s /bin/sh -c "initdb -D '$PGDATA' -U '$POSTGRES_USER' --pwfile=/tmp/pw -A scram-sha-256 --locale=C.UTF-8 -E UTF8 --no-sync" > /dev/null
  rm /tmp/pw
  printf 'host all all all scram-sha-256\\n' >> "$PGDATA/pg_hba.conf"
  if [ "$POSTGRES_DB" != postgres ]; then
    printf 'CREATE DATABASE "%s";\\n' "$POSTGRES_DB" |
      su postgres -s /bin/sh -c "postgres --single -D '$PGDATA' postgres" > /dev/null
  fi
fi
# By its path: the shell's own applet of that name comes first otherwise.
exec /usr/bin/setpriv --reuid=postgres --regid=postgres --clear-groups postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/run/postgresql "$@"
`;

export const fixtureImages: Readonly<Record<string, FixtureImage>> = {
  'seatrial-fixture/busybox:1': {
    suite: 'bookworm',
    packages: ['busybox-static'],
    alone: true,
    changes: [path, 'CMD ["/bin/sh"]'],
  },
  'seatrial-fixture/node:20': {
    suite: 'bookworm',
    packages: ['busybox-static'],
    alone: true,
    programs: [process.execPath],
    changes: [path, 'CMD ["node"]'],
  },
  // What sandboxes of agents are made from; perl, because Node has no raw system calls.
  'seatrial-fixture/agent:1': {
    suite: 'bookworm',
    packages: ['busybox-static'],
    alone: true,
    programs: [process.execPath, '/usr/bin/perl'],
    users: ['sandbox:x:998:998::/sandbox:/bin/sh', 'gateway:x:997:997::/sandbox:/bin/sh'],
    changes: [path, 'CMD ["node"]'],
  },
  'seatrial-fixture/nginx:1.22': {
    suite: 'bookworm',
    packages: [
      'busybox-static',
      'nginx-light',
      'libc6',
      'libcrypt1',
      'libpcre2-8-0',
      'libssl3',
      'zlib1g',
      'nginx-common',
      'nginx',
    ],
    alone: true,
    users: ['www-data:x:33:33::/var/www:/bin/false'],
    files: {
      'etc/nginx/nginx.conf': {
        text: 'user www-data;\npid /run/nginx.pid;\nerror_log /dev/stderr;\nevents {}\nhttp {\n  include mime.types;\n  access_log /dev/stdout;\n  include /etc/nginx/conf.d/*.conf;\n}\n',
      },
      'etc/nginx/conf.d/default.conf': {
        text: 'server {\n  listen 80 default_server;\n  root /usr/share/nginx/html;\n}\n',
      },
      'usr/share/nginx/html/index.html': { text: 'it works\n' },
      'var/log/nginx/.keep': { text: '' },
      'var/lib/nginx/.keep': { text: '' },
      'run/.keep': { text: '' },
    },
    changes: [path, 'EXPOSE 80', 'CMD ["nginx","-g","daemon off;"]'],
  },
  'seatrial-fixture/redis:7': {
    suite: 'bookworm',
    packages: ['redis-server', 'busybox-static'],
    users: ['redis:x:999:999::/data:/bin/false'],
    files: { 'data/.keep': { text: '' } },
    changes: [
      path,
      'WORKDIR /data',
      'EXPOSE 6379',
      'CMD ["redis-server","--protected-mode","no","--dir","/data"]',
    ],
  },
  'seatrial-fixture/postgres:15': {
    suite: 'bookworm',
    packages: ['postgresql-15', 'busybox-static', 'util-linux', 'bash'],
    users: ['postgres:x:999:999::/var/lib/postgresql:/bin/sh'],
    files: { 'entrypoint.sh': script(postgres), 'run/postgresql/.keep': { text: '' } },
    // First in the path: the wrappers of Debian beside them need Perl.
    changes: [
      path.replace('=', '=/usr/lib/postgresql/15/bin:'),
      'EXPOSE 5432',
      'ENTRYPOINT ["/entrypoint.sh"]',
    ],
  },
  'seatrial-fixture/miniflux:2.2.6': miniflux('trixie'),
  'seatrial-fixture/miniflux:2.3.4': miniflux('sid'),
};

/** The program is linked statically enough to run on the stable suite's libraries. */
function miniflux(suite: Suite): FixtureImage {
  const wrapper = `#!/bin/sh\nset -eu\n${fromFile(['DATABASE_URL', 'ADMIN_PASSWORD'])}export DATABASE_URL ADMIN_PASSWORD\nexec /usr/bin/miniflux "$@"\n`;
  return {
    suite,
    packages: ['miniflux', 'busybox-static', 'ca-certificates', 'tzdata', 'libc6'],
    alone: true,
    files: { 'entrypoint.sh': script(wrapper) },
    users: ['miniflux:x:999:999::/tmp:/bin/sh'],
    changes: [path, 'ENV LISTEN_ADDR=0.0.0.0:8080', 'EXPOSE 8080', 'ENTRYPOINT ["/entrypoint.sh"]'],
  };
}
