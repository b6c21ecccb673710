// Images of an engine of containers, as fixtures look at them and make them.

export type ImageLook = {
  /** Digest by which the engine knows it. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Digests of its layers, the lowest first. */
  readonly layers: readonly string[];
};

export type ImageBuild = {
  /** Folder with a Dockerfile; all of it is the context. */
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly tag: string;
  readonly signal: AbortSignal;
};

export type ImageRun = {
  readonly image: string;
  readonly argv: readonly [string, ...string[]];
  /** Name and labels of the container, by which it is found should this process die. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

export type Images = {
  /** Undefined when there is none of that name. Throws `unavailable` without an engine. */
  readonly find: (reference: string) => Promise<ImageLook | undefined>;
  /** Ids by reference, of one repository. */
  readonly tagged: (repository: string) => Promise<Readonly<Record<string, string>>>;
  /** `os/architecture` of the engine. */
  readonly platform: () => Promise<string>;
  /** What a program prints in a container without a network, which is gone when this returns. */
  readonly run: (
    run: ImageRun,
  ) => Promise<{ readonly exitCode: number | undefined; readonly output: string }>;
  /** Without a network. Throws `app-failed` with what the engine said when a step fails. */
  readonly build: (build: ImageBuild) => Promise<void>;
  readonly tag: (id: string, reference: string) => Promise<void>;
  /** The name alone goes, and the image with it when nothing else has it. An absent one needs nothing. */
  readonly untag: (reference: string) => Promise<void>;
};
