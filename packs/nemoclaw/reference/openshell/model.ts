// What the gateway knows, whatever form a release keeps it in.

export type LivePolicy = { readonly version: number; readonly text: string };

export type Sandbox = {
  readonly name: string;
  readonly container: string;
  readonly image: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly policy: LivePolicy;
};

export type Provider = {
  readonly name: string;
  readonly type: string;
  /** The variable that the value comes from; the value itself is never kept. */
  readonly credential: string;
  /** SHA-256 of the value, in hex. */
  readonly valueHash: string;
};

export type Route = {
  readonly host: string;
  readonly endpoint: string;
  readonly provider?: string;
};

export type Model = {
  readonly generation: number;
  readonly sandboxes: readonly Sandbox[];
  readonly providers: readonly Provider[];
  readonly routes: readonly Route[];
  readonly migratedFrom?: number;
};

export const emptyModel: Model = { generation: 0, sandboxes: [], providers: [], routes: [] };

export const inferenceHost = 'inference.local';

export const emptyPolicy =
  'network_policies: {}\nfilesystem_policy:\n  read_only: []\n  read_write: []\n';
