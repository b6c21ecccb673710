// What the releases, the pull request and the planted faults of each reference recipe change of its newest
// release. A fault says in its name what is wrong; canaries/canaries.yaml says which check must notice.

const [compose, sample, exports] = ['compose.yml', '.env.sample', 'abra.sh'];

/** The app of `static` begins with this script; what follows an update of it is `onFailure`. */
const starts = (script, onFailure = 'continue') => [
  [
    compose,
    '    environment:\n',
    `    command: ["sh", "-c", "${script}; exec nginx -g 'daemon off;'"]\n    environment:\n`,
  ],
  [compose, 'failure_action: rollback', `failure_action: ${onFailure}`],
];

export const recipes = {
  static: {
    older: {
      tag: '1.0.0+1.22.0',
      next: '1.1.0+1.22.0',
      changes: [
        [compose, 'version=1.1.0+1.22.0', 'version=1.0.0+1.22.0'],
        [exports, 'NGINX_CONF_VERSION=v2', 'NGINX_CONF_VERSION=v1'],
        ['nginx.conf.tmpl', '1.1.0', '1.0.0'],
        ['release/1.1.0+1.22.0', null],
      ],
    },
    // Unbumped: it carries the label of the release that it is not.
    change: [[compose, 'retries: 5', 'retries: 6']],
    faults: {
      'label-only': { changes: [[compose, 'traefik.enable=true', 'traefik.enable=false']] },
      'other-image': {
        changes: [
          [
            compose,
            '    image: seatrial-fixture/nginx:1.22\n',
            '    image: seatrial-fixture/busybox:1\n    init: true\n    command: ["sh", "-c", "echo another > /content/index.html; exec httpd -f -p 80 -h /content"]\n',
          ],
        ],
      },
      // Nothing is wrong with these four: they only look like trouble for a while.
      'pauses-and-recovers': {
        changes: starts('test -e /content/once || { touch /content/once; exit 3; }', 'pause'),
      },
      'crashes-five-times': {
        changes: starts(
          'echo x >> /content/starts; test $$(wc -l < /content/starts) -gt 5 || exit 1',
        ),
      },
      'starts-slowly': {
        changes: [
          ...starts('sleep 12'),
          [compose, 'retries: 5', 'retries: 5\n      start_period: 60s'],
        ],
      },
      'writes-all-the-time': {
        changes: starts('(while :; do date >> /content/ticks; sleep 0.05; done) & :'),
      },
      'refused-variable': { changes: [[compose, 'traefik.enable=true', 'traefik.enable=${1}']] },
      'no-image': {
        changes: [[compose, '    image: seatrial-fixture/nginx:1.22\n', '']],
      },
      'config-without-version': { changes: [['nginx.conf.tmpl', '1.1.0', '1.2.0']] },
      'rolls-back': {
        changes: [
          [
            compose,
            '    environment:\n',
            '    command: ["sh", "-c", "sleep 1; exit 3"]\n    environment:\n',
          ],
        ],
      },
      'crash-loop': {
        changes: [
          [
            compose,
            '    environment:\n',
            '    command: ["sh", "-c", "sleep 2; exit 3"]\n    environment:\n',
          ],
          [compose, 'failure_action: rollback', 'failure_action: continue'],
          [
            compose,
            `    healthcheck:\n      test: ['CMD', 'wget', '-q', '-O', '-', 'http://127.0.0.1/']\n      interval: 1s\n      timeout: 3s\n      retries: 5\n`,
            '',
          ],
        ],
      },
      'answers-404': {
        changes: [
          ['nginx.conf.tmpl', '/usr/share/nginx/html', '/nowhere'],
          [exports, 'v2', 'v3'],
          [compose, "http://127.0.0.1/'", "http://127.0.0.1/release'"],
        ],
      },
      'answers-nothing': {
        changes: [
          [
            'nginx.conf.tmpl',
            '  location = /greeting',
            '  location = / { return 200; }\n  location = /greeting',
          ],
          [exports, 'v2', 'v3'],
        ],
      },
      'excludes-every-volume': {
        changes: [
          [
            compose,
            "'backupbot.backup=true'",
            "'backupbot.backup=true'\n        - 'backupbot.backup.volumes.content=false'",
          ],
        ],
      },
      'loses-the-label': {
        changes: [[compose, "        - 'backupbot.backup=true'\n", '']],
      },
      'hook-fails-left-of-a-pipe': {
        changes: [
          [
            compose,
            "'backupbot.backup=true'",
            `'backupbot.backup=true'\n        - "backupbot.backup.pre-hook=sh -c 'false | gzip > /content/dump.gz'"`,
          ],
        ],
      },
      'renames-the-volume': {
        changes: [
          [compose, '- content:/content', '- files:/content'],
          [compose, 'volumes:\n  content:', 'volumes:\n  files:'],
        ],
      },
      'logs-its-secrets': {
        changes: [
          [
            compose,
            '    environment:\n',
            '    command: ["sh", "-c", "env | base64 -w 0; exec nginx -g \'daemon off;\'"]\n    environment:\n',
          ],
        ],
      },
      'leads-out': {
        changes: [[compose, 'file: nginx.conf.tmpl', 'file: ../../../../etc/passwd']],
      },
      'mounts-the-host': { changes: [[compose, '- content:/content', '- /etc:/content']] },
      'claims-a-version': {
        changes: [
          [
            compose,
            "version=1.1.0+1.22.0'",
            "version=9.9.9+1.22.0'\n        - 'coop-cloud.${STACK_NAME}.chaos-version=deadbeef'",
          ],
        ],
      },
    },
  },
  notes: {
    older: {
      tag: '1.0.0+2.2.6',
      next: '1.1.0+2.3.4',
      changes: [
        [compose, 'version=1.1.0+2.3.4', 'version=1.0.0+2.2.6'],
        [compose, 'miniflux:2.3.4', 'miniflux:2.2.6'],
        ['release/1.1.0+2.3.4', null],
      ],
    },
    change: [[compose, '- POLLING_FREQUENCY=1440', '- POLLING_FREQUENCY=720']],
    faults: {
      // The older program starts on the newer schema without a word, and answers.
      'silent-downgrade': {
        changes: [
          [compose, 'miniflux:2.3.4', 'miniflux:2.2.6'],
          [compose, 'version=1.1.0+2.3.4', 'version=1.2.0+2.3.5'],
        ],
      },
      'empty-dump': {
        changes: [
          [
            compose,
            'pg_dump -h 127.0.0.1 -U miniflux --clean --if-exists miniflux | cat >',
            'true | cat >',
          ],
        ],
      },
      'dump-fails': { changes: [[compose, 'pg_dump -h 127.0.0.1', 'pg_dump -h nowhere.invalid']] },
      'wrong-password': {
        changes: [
          ['db_url.tmpl', '{{ secret "db_password" }}', 'wrong'],
          [exports, 'v1', 'v2'],
        ],
      },
    },
  },
  shop: {
    older: {
      tag: '1.0.0+1.22.0',
      next: '1.1.0+1.22.0',
      changes: [
        [compose, 'version=1.1.0+1.22.0', 'version=1.0.0+1.22.0'],
        [
          compose,
          '  setup:\n',
          '  legacy:\n    <<: *common\n    image: seatrial-fixture/busybox:1\n    init: true\n    command: ["sleep", "100000"]\n\n  setup:\n',
        ],
        ['shop.conf', 'open', 'new'],
        [exports, 'SHOP_CONF_VERSION=v2', 'SHOP_CONF_VERSION=v1'],
      ],
    },
    change: [[compose, "'--save', '1 1'", "'--save', '2 1'"]],
    faults: {
      'setup-fails': { changes: [[compose, 'touch /shared/ready', 'exit 3']] },
      'worker-without-secret': {
        changes: [['compose.worker.yml', '    secrets:\n      - api_token\n', '']],
      },
      // The name of the upstream is known only once it is healthy; until then the app cannot start.
      'upstream-comes-late': {
        changes: [
          [
            compose,
            '  setup:\n',
            "  late:\n    <<: *common\n    image: seatrial-fixture/busybox:1\n    init: true\n    command: ['sh', '-c', 'sleep 5; touch /tmp/up; exec httpd -f -p 8080']\n    healthcheck:\n      test: ['CMD', 'test', '-e', '/tmp/up']\n      interval: 1s\n      retries: 60\n\n  setup:\n",
          ],
          [
            'shop.conf',
            'location = /worker',
            'location = /late { proxy_pass http://late:8080/; }\n  location = /worker',
          ],
          [exports, 'SHOP_CONF_VERSION=v2', 'SHOP_CONF_VERSION=v3'],
          [compose, 'failure_action: rollback', 'failure_action: continue'],
        ],
      },
      'logs-its-token': {
        changes: [
          [
            'worker.mjs',
            'const told',
            "console.log(Buffer.from(token).toString('base64'));\nconst told",
          ],
          [exports, 'WORKER_VERSION=v1', 'WORKER_VERSION=v2'],
        ],
      },
      'no-backups': { changes: [[sample, 'SECRET_API', 'ENABLE_BACKUPS=false\nSECRET_API']] },
    },
  },
  tcp: {
    older: {
      tag: '1.0.0+7.0',
      next: '1.1.0+7.0',
      changes: [
        [compose, 'version=1.1.0+7.0', 'version=1.0.0+7.0'],
        [compose, '64mb', '32mb'],
      ],
    },
    change: [[compose, '64mb', '96mb']],
  },
  sso: {
    older: {
      tag: '1.0.0+20',
      next: '1.1.0+20',
      changes: [
        [compose, 'version=1.1.0+20', 'version=1.0.0+20'],
        [compose, 'SESSION_HOURS=8', 'SESSION_HOURS=4'],
      ],
    },
    change: [[compose, 'SESSION_HOURS=8', 'SESSION_HOURS=12']],
  },
  portal: {
    older: {
      tag: '1.0.0+20',
      next: '1.1.0+20',
      changes: [
        [compose, 'version=1.1.0+20', 'version=1.0.0+20'],
        [compose, 'RELEASE=1.1.0', 'RELEASE=1.0.0'],
      ],
    },
    change: [[compose, 'RELEASE=1.1.0', 'RELEASE=1.2.0']],
    faults: {
      // It comes up and answers; only who signs in notices.
      'forgets-its-provider': {
        changes: [
          ['portal.mjs', 'IDP_URL: provider', 'PROVIDER_URL: provider'],
          [exports, 'PORTAL_VERSION=v1', 'PORTAL_VERSION=v2'],
        ],
      },
    },
  },
};
