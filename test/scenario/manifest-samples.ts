// Manifests for tables: each says what is wrong with it, where, and whether a JSON Schema can see it.

export type Bad = {
  readonly text: string;
  /** `code line:column` of every problem, in the order of the file. */
  readonly at: readonly string[];
  readonly hint: RegExp;
  /** Beyond what JSON Schema can say: the published schema accepts it. */
  readonly beyondSchema?: true;
};

export const head = 'seatrial: 1\napp: counter\n';
const app = (rest: string): string => `${head}${rest}`;
const proc = (rest: string): string =>
  app(`driver: process\nprocess: {start: [node, main.js]}\n${rest}`);
// Put together here, so that no scan for secrets finds one in this file.
const token = ['ghp', '_', 'a1B2c3D4e5F6g7H8i9J0'].join('');

const bad = (text: string, at: string | readonly string[], hint: RegExp): Bad => ({
  text,
  at: typeof at === 'string' ? [at] : at,
  hint,
});
const beyond = (...sample: Parameters<typeof bad>): Bad => ({
  ...bad(...sample),
  beyondSchema: true,
});

export const badManifests: readonly Bad[] = [
  // SC001
  beyond(app('app: twice\n'), 'SC001 3:1', /Keep one/),
  beyond(app('env: &a {A: x}\n'), 'SC001 3:6', /Write the value out/),
  beyond('a: [', 'SC001 1:5', /brackets/),
  // SC002
  bad(app('heath: {}\n'), 'SC002 3:1', /^Did you mean `health`\?$/),
  bad(app('health: {paht: /}\n'), 'SC002 3:10', /`path`/),
  bad(app('zzz: 1\n'), 'SC002 3:1', /^Known keys: `app`, `backup`/),
  bad(app('hooks:\n  sed: {file: a}\n'), 'SC002 4:3', /`seed`/),
  bad(proc('probes: [{tcp: http, x: 1}]\n'), 'SC002 5:22', /Known keys: `exec`/),
  bad(app('backup: {capable: {nope: 1}}\n'), ['MF011 3:10', 'SC002 3:20'], /sentence|`no`/),
  // SC003
  bad('- 1\n', 'SC003 1:1', /Correct/),
  bad('', 'SC003 1:1', /Correct/),
  bad('seatrial: 2\napp: a\n', 'SC003 1:11', /Write `1`/),
  bad('seatrial: "1"\napp: a\n', 'SC003 1:11', /Write `1` without quotes/),
  bad('seatrial: 1\napp: My App\n', 'SC003 2:6', /name of the app/),
  bad('seatrial: 1\napp: 7\n', 'SC003 2:6', /quotes/),
  bad('seatrial: 1\napp:\n', 'SC003 2:1', /name of the app/),
  bad(`seatrial: 1\napp: ${'a'.repeat(41)}\n`, 'SC003 2:6', /name/),
  bad(app('driver: swarn\n'), 'SC003 3:9', /Did you mean `swarm`/),
  bad(app('driver: sandbox\n'), 'SC003 3:9', /Write `process`/),
  bad(app('env: {PORT: 8080}\n'), 'SC003 3:13', /quotes/),
  bad(app('env: {A-B: x}\n'), 'SC003 3:7', /Rename/),
  bad(app('env: {SEATRIAL_RUN: x}\n'), 'SC003 3:7', /Rename/),
  bad(app('env: {A: {from: A}}\n'), 'SC003 3:17', /taken from/),
  bad(app('base: {release: 4.1}\n'), 'SC003 3:17', /quotes/),
  bad(app('base: {release: -x}\n'), 'SC003 3:17', /upgrade from/),
  bad(app('timeouts: {deploy: 7201}\n'), 'SC003 3:20', /start to ready/),
  bad(app('timeouts: {hook: 0}\n'), 'SC003 3:18', /hook/),
  bad(app('timeouts: {settle: 4}\n'), 'SC003 3:20', /longer/),
  bad(app('driver: compose\ntimeouts: {settle: 4.9}\n'), 'SC003 4:20', /longer/),
  bad(proc('timeouts: {settle: 0.5}\n'), 'SC003 5:20', /longer/),
  bad(app('timeouts: {deploy: 10m}\n'), 'SC003 3:20', /ready/),
  bad(app('health: {status: []}\n'), 'SC003 3:18', /healthy/),
  bad(app('health: {status: [99]}\n'), 'SC003 3:19', /Correct/),
  bad(app('health: {status: [200, 200]}\n'), 'SC003 3:18', /healthy/),
  bad(app('health: {path: x}\n'), 'SC003 3:16', /asked/),
  bad(app('health: {port: 1.5}\n'), 'SC003 3:16', /port/),
  bad(app('health: {via: proxy}\n'), 'SC003 3:15', /`auto`/),
  bad(app('source: {npm: a, git: b}\n'), 'SC003 3:18', /Keep one/),
  bad(app('source: {npm: A B}\n'), 'SC003 3:15', /npm package/),
  bad(app('base: {release: v1, skip: nothing was released}\n'), 'SC003 3:21', /Remove/),
  bad(app('backup: {attempts: 4}\n'), 'SC003 3:20', /captures/),
  bad(app('backup: {capable: false}\n'), 'SC003 3:19', /quotes/),
  bad(app('ports: {"80": keep}\n'), 'SC003 3:9', /Rename/),
  bad(app('ports: {80/tcp: open}\n'), 'SC003 3:17', /Write `keep`/),
  bad(proc('probes: [{tcp: http, exec: [a]}]\n'), 'SC003 5:28', /ends with 0/),
  bad(app('resolveImage: newer\n'), 'SC003 3:15', /never/),
  bad(app('screenshot: on\n'), 'SC003 3:13', /verdict/),
  bad(
    proc('health: {none: it speaks only SMTP, path: /}\nprobes: [{tcp: http}]\n'),
    'SC003 5:37',
    /Remove/,
  ),
  // SC011
  beyond(app('hooks: {seed: {file: gone.sh}}\n'), 'SC011 3:22', /Create/),
  beyond(app('hooks: {seed: {file: ../x.sh}}\n'), 'SC011 3:22', /Move/),
  beyond(app('hooks: {seed: {file: /etc/passwd}}\n'), 'SC011 3:22', /Move/),
  beyond(app('compose: [a/../../b.yml]\n'), 'SC011 3:11', /Move/),
  beyond(app('base: {repair: gone.yml}\n'), 'SC011 3:16', /Create/),
  beyond(app('screenshot: {hook: gone.sh}\n'), 'SC011 3:20', /Create/),
  beyond(
    app('driver: process\nprocess:\n  start: [a]\n  config: {s.json: {file: gone}}\n'),
    'SC011 6:27',
    /Create/,
  ),
  // MF001
  bad(app('checks: [a]\n'), 'MF001 3:1', /scenario/),
  bad(app('health: {expectStatus: 1}\n'), 'MF001 3:10', /scenario/),
  beyond(app('env: {A: floor.install.done}\n'), 'MF001 3:10', /scenario/),
  beyond(app('env: {A: AQ-050}\n'), 'MF001 3:10', /scenario/),
  beyond(app('env: {A: smoke.http.answers}\n'), 'MF001 3:10', /scenario/),
  // MF002
  beyond(app('env: {DB_PASSWORD: hunter2}\n'), 'MF002 3:7', /from: env:NAME/),
  bad(app('env: {DB_PASSWORD: 123456}\n'), 'MF002 3:7', /from: env:NAME/),
  beyond(app(`env: {X: ${token}}\n`), 'MF002 3:7', /from/),
  beyond(app('env: {X: "postgres://me:hunter2@db/x"}\n'), 'MF002 3:7', /from/),
  bad(app('secrets: {KEY: hunter2}\n'), 'MF002 3:11', /from/),
  bad(app('secrets: {KEY: {from: hunter2}}\n'), 'MF002 3:17', /from/),
  beyond(
    proc('backup: {command: [dump, --password=hunter2], restoreCommand: [a]}\n'),
    'MF002 5:26',
    /from/,
  ),
  beyond(
    app(
      'driver: process\nprocess:\n  start: [a]\n  config: {a.ini: {text: "x=1\\npassword=hunter2"}}\n',
    ),
    'MF002 6:20',
    /from/,
  ),
  // MF010
  bad('app: counter\n', 'MF010 1:1', /^Add it: format of this file\.$/),
  bad('seatrial: 1\n', 'MF010 1:1', /name of the app/),
  bad(app('driver: process\n'), 'MF010 3:9', /process\.start/),
  bad(app('driver: process\nprocess: {}\n'), 'MF010 4:1', /program and arguments/),
  bad(app('driver: process\nprocess: {start: []}\n'), 'MF010 4:11', /Add it/),
  bad(app('health: {none: it speaks only SMTP}\n'), 'MF010 3:10', /probe/),
  bad(app('hooks: {seed: {}}\n'), 'MF010 3:9', /path of a file/),
  bad(proc('probes: [{}]\n'), 'MF010 5:10', /Add it/),
  bad(proc('backup: {how: live}\n'), 'MF010 5:15', /copied/),
  bad(proc('backup: {how: live, quiesce: [a]}\n'), 'MF010 5:21', /remove the other/),
  bad(proc('backup: {command: [a]}\n'), 'MF010 5:10', /remove the other/),
  bad(app('hostAccess: [{reason: it is a monitor}]\n'), 'MF010 3:14', /Add it/),
  // MF011
  bad(app('health: {none: no HTTP}\n'), 'MF011 3:16', /sentence/),
  bad(app('base: {skip: first one}\n'), 'MF011 3:14', /sentence/),
  bad(app('base: {skip: }\n'), 'MF011 3:8', /sentence/),
  bad(app('base: {skip: "   spaces   "}\n'), 'MF011 3:14', /sentence/),
  bad(app('backup: {capable: {no: stateless}}\n'), 'MF011 3:24', /sentence/),
  bad(app('data: {markers: {off: x}}\n'), 'MF011 3:23', /sentence/),
  bad(app('notApplicable: {backup: x}\n'), 'MF011 3:25', /sentence/),
  bad(app('skipFloor: {all: x}\n'), 'MF011 3:18', /sentence/),
  bad(app('hostAccess: [{network: host}]\n'), 'MF011 3:14', /sentence/),
  // MF012
  bad(app('notApplicable: {install: it cannot be skipped}\n'), 'MF012 3:17', /`upgrade`/),
  bad(app('skipFloor: {remove: it cannot be skipped}\n'), 'MF012 3:13', /`all`/),
  beyond(proc('probes: [{tcp: htp}]\n'), 'MF012 5:16', /Did you mean `http`/),
  beyond(proc('data: {exclude: [dat]}\n'), 'MF012 5:18', /Did you mean `data`/),
  beyond(proc('env: {A: "{port.admin}"}\n'), 'MF012 5:10', /Known: .*`port\.http`/),
  beyond(
    app('driver: process\nprocess: {start: [a, "{relase}"], ports: [web]}\n'),
    'MF012 4:22',
    /Did you mean `release`/,
  ),
  beyond(
    app('driver: process\nprocess: {start: [a, "{port.webb}"], ports: [web]}\n'),
    'MF012 4:22',
    /Did you mean `port\.web`/,
  ),
  beyond(
    app('driver: process\nprocess: {start: [a, "{port}"], ports: []}\n'),
    ['MF012 4:22', 'MF012 4:40'],
    /Known|Name a port/,
  ),
];

/** All right, and what the published schema must accept. */
export const goodManifests: readonly string[] = [
  head,
  app(
    'driver: fake\ntimeouts: {settle: 0}\nfake: {faults: [old-release-stays], deep: {a: [1, null]}}\n',
  ),
  app('driver: abra\n'),
  proc(''),
  proc(
    'timeouts: {settle: 1}\nprobes: [{tcp: http}, {tcp: "{port}"}, {tcp: "8080"}, {log: ready}]\n',
  ),
  proc('backup: {how: live, quiesce: [a], resume: [b]}\n'),
  proc('backup: {command: [dump, "{artifact}"], restoreCommand: [load, "{artifact}"]}\n'),
  proc('health: {none: it speaks only SMTP}\nprobes: [{exec: [nc, -z, "{port.http}"]}]\n'),
  app(
    [
      'driver: process',
      'source: {npm: "@scope/counter", head: 1.2.3, npmScripts: true,',
      '  overrides: {left-pad: 1.3.0, "@types/node": ">=18 <21 || ^22"}}',
      'process:',
      '  start: ["{node}", "{release}/main.js", "--port={port}", "${HOME}"]',
      '  ports: [web, admin]',
      '  config: {app.json: {text: "{\\"a\\": {b}, \\"p\\": {port.admin}}"}, x/y.ini: {file: here.sh}}',
      '  stop: {signal: SIGINT, graceS: 0}',
      'env: {DEBUG: "1", SECRET_DB_PASSWORD_VERSION: v1, DB_PASSWORD: {from: env:DB_PASSWORD}}',
      'upgradeEnv: {NEW: yes}',
      'secrets: {SMTP: {from: env:SMTP}}',
      'hooks: {seed: {file: here.sh, needs: [docker]}, ready: {file: ./here.sh}}',
      'base: {release: v1.2.0}',
      '',
    ].join('\n'),
  ),
  app(
    [
      'source: {git: "https://example.org/x.git", path: recipe}',
      'health: {path: /ok, status: [200], contains: fine, host: a.example, redirectsTo: [b.example:8443],',
      '  via: task, service: web, port: 8080, scheme: http}',
      'compose: [here.sh]',
      'base: {skip: never released before, repair: here.sh}',
      'backup: {capable: {no: it keeps nothing}, attempts: 3, restore: cold, destroy: paths}',
      'data: {markers: {off: the volume is read-only}, exclude: [media]}',
      'dependencies: [{app: sso, env: {A: b}, warm: true}, {app: sso, as: sso2}]',
      'notApplicable: {backup: it keeps nothing, lint: an imported recipe}',
      'skipFloor: {all: the harness is under repair}',
      'screenshot: {path: /, waitFor: main, mask: [.clock], hook: here.sh}',
      'ports: {80/tcp: keep, 53/udp: drop}',
      'hostAccess: [{capability: NET_ADMIN, reason: it is a tunnel}]',
      'oneshot: [migrate]',
      'resolveImage: never',
      '',
    ].join('\n'),
  ),
];
