// Which keys a compose file of a Swarm stack may have and what their values may be: the schema of
// compose file version 3.13, the newest that `docker stack deploy` reads, as a table.

export type Shape = {
  readonly text?: true | 'duration';
  readonly number?: true | 'integer';
  readonly boolean?: true;
  readonly none?: true;
  readonly items?: Shape;
  readonly keys?: Readonly<Record<string, Shape>>;
  /** Any further key. */
  readonly other?: Shape;
  /** Anything below is accepted unread. */
  readonly open?: true;
  readonly required?: readonly string[];
  readonly choices?: readonly string[];
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
const textOrTexts: Shape = { text: true, items: text };
const scalar: Shape = { text: true, number: true };
const nullable: Shape = { text: true, number: true, none: true };
const listOrMap: Shape = { other: nullable, items: text };
const anything: Shape = { open: true };

const updateConfig: Shape = {
  keys: {
    parallelism: integer,
    delay: duration,
    failure_action: text,
    monitor: duration,
    max_failure_ratio: ratio,
    order: { text: true, choices: ['start-first', 'stop-first'] },
  },
};

const deploy: Shape = {
  none: true,
  keys: {
    mode: text,
    endpoint_mode: text,
    replicas: integer,
    labels: listOrMap,
    rollback_config: updateConfig,
    update_config: updateConfig,
    resources: {
      keys: {
        limits: { keys: { cpus: text, memory: text, pids: wholeNumber } },
        reservations: {
          keys: {
            cpus: text,
            memory: text,
            generic_resources: {
              items: { keys: { discrete_resource_spec: { keys: { kind: text, value: scalar } } } },
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
        preferences: { items: { keys: { spread: text } } },
        max_replicas_per_node: integer,
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
  keys: {
    type: text,
    source: text,
    target: text,
    read_only: flag,
    consistency: text,
    bind: { keys: { propagation: text }, other: anything },
    volume: { keys: { nocopy: flag }, other: anything },
    tmpfs: { keys: { size: wholeNumber }, other: anything },
  },
};

const port: Shape = {
  text: true,
  number: true,
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
    cap_add: texts,
    cap_drop: texts,
    cgroupns_mode: text,
    cgroup_parent: text,
    command: textOrTexts,
    configs: fileMount,
    container_name: text,
    credential_spec: { keys: { config: text, file: text, registry: text } },
    depends_on: texts,
    devices: texts,
    dns: textOrTexts,
    dns_search: textOrTexts,
    domainname: text,
    entrypoint: textOrTexts,
    env_file: textOrTexts,
    environment: listOrMap,
    expose: { items: scalar },
    external_links: texts,
    extra_hosts: listOrMap,
    healthcheck: {
      keys: {
        disable: flag,
        interval: duration,
        retries: { number: true, cast: 'integer' },
        test: textOrTexts,
        timeout: duration,
        start_period: duration,
        start_interval: duration,
      },
    },
    hostname: text,
    image: text,
    init: plainFlag,
    ipc: text,
    isolation: text,
    labels: listOrMap,
    links: texts,
    logging: { keys: { driver: text, options: { other: nullable } } },
    mac_address: text,
    network_mode: text,
    networks: {
      items: text,
      other: {
        none: true,
        keys: {
          aliases: texts,
          driver_opts: { other: scalar },
          ipv4_address: text,
          ipv6_address: text,
        },
      },
    },
    oom_score_adj: wholeNumber,
    pid: { text: true, none: true },
    ports: { items: port },
    privileged: flag,
    read_only: flag,
    restart: text,
    secrets: fileMount,
    security_opt: texts,
    shm_size: scalar,
    stdin_open: flag,
    stop_grace_period: duration,
    stop_signal: text,
    sysctls: listOrMap,
    tmpfs: textOrTexts,
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
    name: text,
    driver: text,
    driver_opts: { other: scalar },
    ipam: { keys: { driver: text, config: { items: { keys: { subnet: text } } } } },
    external,
    internal: flag,
    attachable: flag,
    labels: listOrMap,
  },
};

const volume: Shape = {
  none: true,
  keys: {
    name: text,
    driver: text,
    driver_opts: { other: scalar },
    external,
    labels: listOrMap,
  },
};

const fileObject: Shape = {
  keys: {
    name: text,
    file: text,
    external,
    labels: listOrMap,
    driver: text,
    driver_opts: { other: scalar },
    template_driver: text,
  },
};

export const composeShape: Shape = {
  keys: {
    version: text,
    services: { other: service },
    networks: { other: network },
    volumes: { other: volume },
    secrets: { other: fileObject },
    configs: { other: fileObject },
  },
};

/** What `docker compose` reads, as far as recipes use it. */
export const composeProgramShape: Shape = {
  keys: {
    ...composeShape.keys,
    services: { other: { keys: { ...service.keys, depends_on: dependsOn } } },
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
  restart: 'Use `deploy.restart_policy`.',
  security_opt: 'Remove it.',
  shm_size: 'Mount a tmpfs at /dev/shm.',
};
