// Containers of fixtures on one engine: single ones without a network, by names of the run.

export type ContainerMount = {
  /** Of the host; absent: a file system in memory. */
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
};

export type ContainerRequest = {
  readonly name: string;
  readonly image: string;
  readonly user?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

/** As the engine tells it. */
export type ContainerLook = {
  readonly id: string;
  /** Id of its image. */
  readonly image: string;
  readonly isRunning: boolean;
  /** Empty where the image decides. */
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

export type ContainerReader = {
  /** Undefined when there is none of that name. */
  readonly look: (name: string) => Promise<ContainerLook | undefined>;
  /** Id of an image; undefined when it is not here. Nothing is pulled. */
  readonly imageId: (reference: string) => Promise<string | undefined>;
  /** Environment that its first process was started with, asked inside. Throws `app-failed` when nobody answers. */
  readonly startedWith: (name: string) => Promise<Readonly<Record<string, string>>>;
};

export type Containers = ContainerReader & {
  /** Answers with the id. Throws `not-found` for an image that is not here, `resource-busy` for a name that is taken. */
  readonly create: (request: ContainerRequest) => Promise<string>;
  readonly start: (id: string) => Promise<void>;
  /** Asks for the removal, whatever runs in it; `look` tells when it is gone. One that is gone needs nothing. */
  readonly remove: (id: string) => Promise<void>;
};
