// Which keys a compose file of a Swarm stack may have and what their values may be: the schema of
// compose file version 3.13, the newest that `docker stack deploy` reads, as a table.

export type Shape = {
  readonly text?: true | 'duration';
  readonly number?: true | 'integer';
  readonly boolean?: true;
  readonly none?: true;
  readonly items?: Shape;
  /** No two items may be equal. */
  readonly unique?: true;
  readonly keys?: Readonly<Record<string, Shape>>;
  /** Any further key. */
  readonly other?: Shape;
  /** Anything below is accepted unread. */
  readonly open?: true;
  readonly required?: readonly string[];
  readonly choices?: readonly string[];
  /** First minor version of the format that has the key; clients refuse it in a file that says an older one. */
  readonly since?: number;
  /** The same for a mapping, where an older format takes a text alone. */
  readonly mappingSince?: number;
  /** What a text becomes after a variable in it was filled in. */
  readonly cast?: 'integer' | 'number' | 'boolean';
};

const text: Shape = { text: true };
const duration: Shape = { text: 'duration' };
const integer: Shape = { number: 'integer', cast: 'integer' };
const wholeNumber: Shape = { number: 'integer' };
const ratio: Shape = { number: true, cast: 'number' };
const flag: Shape = { boolean: true, cast: 'boolean' };
const plainFlag: Shape = { boolean: true };
const texts: Shape = { items: text };
const distinct: Shape = { items: text, unique: true };
const textOrTexts: Shape = { text: true, items: text };
const textOrDistinct: Shape = { text: true, ...distinct };
const scalar: Shape = { text: true, number: true };
const nullable: Shape = { text: true, number: true, none: true };
const listOrMap: Shape = { other: nullable, ...distinct };
const anything: Shape = { open: true };

/** The newest of the format, and what a file without a version or with a bare `3` is read as. */
export const newestMinor = 13;

const since = (minor: number, shape: Shape): Shape => ({ ...shape, since: minor });

const updateConfig: Shape = {
  keys: {
    parallelism: integer,
    delay: duration,
    failure_action: text,
    monitor: duration,
    max_failure_ratio: ratio,
    order: { text: true, choices: ['start-first', 'stop-first'], since: 4 },
  },
};

const deploy: Shape = {
  none: true,
  keys: {
    mode: { text: true, choices: ['replicated', 'global', 'replicated-job', 'global-job'] },
    endpoint_mode: since(2, text),
    replicas: integer,
    labels: listOrMap,
    rollback_config: since(7, updateConfig),
    update_config: updateConfig,
    resources: {
      keys: {
        limits: { keys: { cpus: text, memory: text, pids: since(9, wholeNumber) } },
        reservations: {
          keys: {
            cpus: text,
            memory: text,
            generic_resources: {
              items: { keys: { discrete_resource_spec: { keys: { kind: text, value: scalar } } } },
              since: 5,
            },
          },
        },
      },
    },
    restart_policy: {
      keys: { condition: text, delay: duration, max_attempts: integer, window: duration },
    },
    placement: {
      keys: {
        constraints: texts,
        preferences: since(3, { items: { keys: { spread: text } } }),
        max_replicas_per_node: since(8, integer),
      },
    },
  },
};

const fileMount: Shape = {
  items: {
    text: true,
    keys: {
      source: text,
      target: text,
      uid: text,
      gid: text,
      mode: { number: true, cast: 'integer' },
    },
    other: anything,
  },
};

const volumeMount: Shape = {
  text: true,
  required: ['type'],
  mappingSince: 2,
  keys: {
    type: text,
    source: text,
    target: text,
    read_only: flag,
    consistency: text,
    bind: { keys: { propagation: text }, other: anything },
    volume: { keys: { nocopy: flag }, other: anything },
    tmpfs: since(6, { keys: { size: wholeNumber }, other: anything }),
  },
};

const port: Shape = {
  text: true,
  number: true,
  mappingSince: 2,
  keys: { mode: text, target: integer, published: integer, protocol: text },
};

/** Names, or for `docker compose` what is waited for of each. */
const dependsOn: Shape = {
  items: text,
  other: { none: true, keys: { condition: text, restart: flag, required: flag } },
};

const service: Shape = {
  keys: {
    build: anything,
    deploy,
    cap_add: distinct,
    cap_drop: distinct,
    cgroupns_mode: since(9, text),
    cgroup_parent: text,
    command: textOrTexts,
    configs: since(3, fileMount),
    container_name: text,
    credential_spec: since(3, {
      keys: { config: since(8, text), file: text, registry: text },
    }),
    depends_on: distinct,
    devices: distinct,
    dns: textOrDistinct,
    dns_search: textOrDistinct,
    domainname: text,
    entrypoint: textOrTexts,
    env_file: textOrTexts,
    environment: listOrMap,
    expose: { items: scalar, unique: true },
    external_links: distinct,
    extra_hosts: listOrMap,
    healthcheck: {
      keys: {
        disable: flag,
        interval: duration,
        retries: { number: true, cast: 'integer' },
        test: textOrTexts,
        timeout: duration,
        start_period: since(4, duration),
        start_interval: since(12, duration),
      },
    },
    hostname: text,
    image: text,
    init: since(7, plainFlag),
    ipc: text,
    isolation: since(5, text),
    labels: listOrMap,
    links: distinct,
    logging: { keys: { driver: text, options: { other: nullable } } },
    mac_address: text,
    network_mode: text,
    networks: {
      ...distinct,
      other: {
        none: true,
        keys: {
          aliases: distinct,
          driver_opts: since(13, { other: scalar }),
          ipv4_address: text,
          ipv6_address: text,
        },
      },
    },
    oom_score_adj: since(13, wholeNumber),
    pid: { text: true, none: true },
    ports: { items: port, unique: true },
    privileged: flag,
    read_only: flag,
    restart: text,
    secrets: since(1, fileMount),
    security_opt: distinct,
    shm_size: text,
    stdin_open: flag,
    stop_grace_period: duration,
    stop_signal: text,
    sysctls: listOrMap,
    tmpfs: textOrDistinct,
    tty: flag,
    ulimits: {
      other: {
        number: 'integer',
        cast: 'integer',
        keys: { hard: integer, soft: integer },
        required: ['soft', 'hard'],
      },
    },
    user: text,
    userns_mode: text,
    volumes: { items: volumeMount },
    working_dir: text,
  },
};

const external: Shape = { boolean: true, cast: 'boolean', keys: { name: text } };

const network: Shape = {
  none: true,
  keys: {
    name: since(5, text),
    driver: text,
    driver_opts: { other: scalar },
    ipam: { keys: { driver: text, config: { items: { keys: { subnet: text } } } } },
    external,
    internal: flag,
    attachable: since(2, flag),
    labels: listOrMap,
  },
};

const volume: Shape = {
  none: true,
  keys: {
    name: since(4, text),
    driver: text,
    driver_opts: { other: scalar },
    external,
    labels: listOrMap,
  },
};

const config: Shape = {
  keys: {
    name: since(5, text),
    file: text,
    external,
    labels: listOrMap,
    template_driver: since(8, text),
  },
};

const secret: Shape = {
  keys: { ...config.keys, driver: since(8, text), driver_opts: since(8, { other: scalar }) },
};

export const composeShape: Shape = {
  keys: {
    version: text,
    services: { other: service },
    networks: { other: network },
    volumes: { other: volume },
    secrets: { other: secret, since: 1 },
    configs: { other: config, since: 3 },
  },
};

/** What `docker compose` reads, as far as recipes use it. */
export const composeProgramShape: Shape = {
  keys: {
    ...composeShape.keys,
    services: {
      other: { keys: { ...service.keys, depends_on: dependsOn, shm_size: scalar } },
    },
  },
};

/** Keys that belong to older compose files or to `docker compose`, with what to write instead. */
export const refusedKeys: Readonly<Record<string, string>> = {
  extends: 'Write the service out, or use an anchor.',
  include: 'Name the file in COMPOSE_FILE.',
  profiles: 'Put the service into a compose file of its own.',
  name: 'The stack is named by whoever deploys it.',
  content: 'Write the content into a file and name it with `file`.',
  mem_limit: 'Use `deploy.resources.limits.memory`.',
  memswap_limit: 'Swarm has no such limit.',
  cpus: 'Use `deploy.resources.limits.cpus`.',
  cpu_shares: 'Use `deploy.resources`.',
  cpu_quota: 'Use `deploy.resources`.',
  cpuset: 'Use `deploy.resources`.',
  volume_driver: 'Name the driver at the volume.',
  volumes_from: 'Mount a named volume in both services.',
  pull_policy: 'Swarm pulls by itself.',
};

/** Keys of a service that Swarm reads and drops. Those that ask for the host are judged elsewhere. */
export const ignoredKeys: Readonly<Record<string, string>> = {
  build: 'Publish the image and name it.',
  cgroup_parent: 'Remove it.',
  cgroupns_mode: 'Remove it.',
  container_name: 'Address the service by its name.',
  depends_on: 'Let the program wait for what it needs.',
  domainname: 'Use `hostname`.',
  expose: 'Remove it: services of a network reach every port.',
  external_links: 'Join the network of that service.',
  links: 'Services of a network know each other by name.',
  mac_address: 'Remove it.',
  oom_score_adj: 'Remove it.',
  restart: 'Use `deploy.restart_policy`.',
  security_opt: 'Remove it.',
  shm_size: 'Mount a tmpfs at /dev/shm.',
  tmpfs: 'Mount one below `volumes`, with `type: tmpfs`.',
};
