// What the engine says about things, as far as the drivers look at it. The engine is trusted to keep
// to its own interface; what a field may lack is optional here.

export type Labels = Readonly<Record<string, string>>;

export type ContainerSummary = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly State: string;
  readonly Status: string;
  readonly Created: number;
  readonly Labels: Labels | null;
  readonly Mounts: readonly MountPoint[];
};

export type MountPoint = {
  readonly Type: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination: string;
  readonly RW?: boolean;
};

export type HealthcheckConfig = {
  readonly Test?: readonly string[] | null;
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly Retries?: number;
};

export type ImageConfig = {
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly ExposedPorts?: Readonly<Record<string, object>> | null;
  readonly Env?: readonly string[] | null;
  readonly Labels?: Labels | null;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
  readonly Healthcheck?: HealthcheckConfig | null;
  /** Paths that get an anonymous volume where the container mounts nothing there. */
  readonly Volumes?: Readonly<Record<string, object>> | null;
};

export type ContainerInspect = {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Restarting: boolean;
    readonly OOMKilled: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Error: string;
    readonly StartedAt: string;
    readonly Health?: {
      readonly Status: string;
      readonly Log?: readonly { readonly ExitCode: number; readonly Output: string }[] | null;
    };
  };
  readonly Config: ImageConfig & {
    readonly Hostname: string;
    readonly Image: string;
    readonly Tty: boolean;
    readonly OpenStdin: boolean;
  };
  readonly HostConfig: {
    readonly NetworkMode: string;
    readonly Init?: boolean | null;
    readonly ReadonlyRootfs: boolean;
    readonly RestartPolicy: { readonly Name: string; readonly MaximumRetryCount: number };
    readonly PortBindings: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    > | null;
  };
  readonly Mounts: readonly MountPoint[];
  readonly NetworkSettings: {
    readonly Networks: Readonly<
      Record<string, { readonly Aliases: readonly string[] | null; readonly IPAddress: string }>
    >;
  };
};

export type ImageInspect = {
  readonly Id: string;
  readonly RepoDigests?: readonly string[] | null;
  readonly Config: ImageConfig | null;
};

export type VolumeFacts = {
  readonly Name: string;
  /** Measured: moves with every change of the folder's own entry, so it tells nothing. */
  readonly CreatedAt: string;
  readonly Mountpoint?: string;
  readonly Driver: string;
  readonly Labels: Labels | null;
  readonly Options: Labels | null;
};

export type NetworkFacts = {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Labels | null;
};

/** A secret or config as it is listed; secrets never show their data. */
export type SwarmFile = {
  readonly ID: string;
  readonly Version?: { readonly Index: number };
  readonly Spec: { readonly Name: string; readonly Labels: Labels | null; readonly Data?: string };
};

export type ServiceFacts = {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
  readonly PreviousSpec?: ServiceSpec;
  readonly UpdateStatus?: {
    readonly State?: string;
    readonly StartedAt?: string;
    readonly Message?: string;
  };
  readonly ServiceStatus?: {
    readonly RunningTasks: number;
    readonly DesiredTasks: number;
    readonly CompletedTasks?: number;
  };
  readonly JobStatus?: { readonly JobIteration: { readonly Index: number } };
  readonly Endpoint?: { readonly Spec?: EndpointSpec; readonly Ports?: readonly PortSpec[] };
};

export type PortSpec = {
  readonly Protocol?: string;
  readonly TargetPort: number;
  readonly PublishedPort?: number;
  readonly PublishMode?: string;
};
export type EndpointSpec = { readonly Mode?: string; readonly Ports?: readonly PortSpec[] };

export type FileReference = {
  readonly File?: {
    readonly Name: string;
    readonly UID: string;
    readonly GID: string;
    readonly Mode: number;
  };
  readonly ConfigID?: string;
  readonly ConfigName?: string;
  readonly SecretID?: string;
  readonly SecretName?: string;
};

export type TaskTemplate = {
  readonly ContainerSpec: {
    readonly Image: string;
    readonly Labels?: Labels | null;
    readonly Command?: readonly string[] | null;
    readonly Args?: readonly string[] | null;
    readonly Hostname?: string;
    readonly Env?: readonly string[] | null;
    readonly Dir?: string;
    readonly User?: string;
    readonly TTY?: boolean;
    readonly OpenStdin?: boolean;
    readonly ReadOnly?: boolean;
    readonly StopSignal?: string;
    readonly StopGracePeriod?: number;
    readonly Init?: boolean | null;
    readonly Healthcheck?: HealthcheckConfig | null;
    readonly Mounts?: readonly ServiceMount[] | null;
    readonly Configs?: readonly FileReference[] | null;
    readonly Secrets?: readonly FileReference[] | null;
  };
  readonly RestartPolicy?: {
    readonly Condition?: string;
    readonly Delay?: number;
    readonly MaxAttempts?: number;
    readonly Window?: number;
  };
  readonly Networks?: readonly {
    readonly Target: string;
    readonly Aliases?: readonly string[] | null;
  }[];
  readonly ForceUpdate?: number;
  readonly Runtime?: string;
  readonly Placement?: unknown;
  readonly Resources?: unknown;
};

export type ServiceMount = {
  readonly Type: string;
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly VolumeOptions?: { readonly NoCopy?: boolean };
};

export type UpdateSpec = {
  readonly Parallelism?: number;
  readonly Delay?: number;
  readonly FailureAction?: string;
  readonly Monitor?: number;
  readonly MaxFailureRatio?: number;
  readonly Order?: string;
};

export type ServiceMode = {
  readonly Replicated?: { readonly Replicas?: number };
  readonly Global?: object;
  readonly ReplicatedJob?: { readonly MaxConcurrent?: number; readonly TotalCompletions?: number };
  readonly GlobalJob?: object;
};

export type ServiceSpec = {
  readonly Name: string;
  readonly Labels: Labels | null;
  readonly TaskTemplate: TaskTemplate;
  readonly Mode: ServiceMode;
  readonly UpdateConfig?: UpdateSpec;
  readonly RollbackConfig?: UpdateSpec;
  readonly EndpointSpec?: EndpointSpec;
};

export type TaskFacts = {
  readonly ID: string;
  readonly ServiceID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly CreatedAt: string;
  readonly Spec: TaskTemplate;
  readonly DesiredState: string;
  readonly JobIteration?: { readonly Index: number };
  readonly Status: {
    readonly Timestamp: string;
    readonly State: string;
    readonly Message?: string;
    readonly Err?: string;
    readonly ContainerStatus?: {
      readonly ContainerID?: string;
      readonly PID?: number;
      readonly ExitCode?: number;
    } | null;
  };
};
