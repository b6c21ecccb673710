// Where each agent keeps what, in the container.

export type AgentName = 'openclaw' | 'hermes';

export type Account = { readonly uid: number; readonly gid: number };

export const sandboxAccount: Account = { uid: 998, gid: 998 };
export const gatewayAccount: Account = { uid: 997, gid: 997 };

export type AgentHome = {
  readonly folder: string;
  readonly config: string;
  /** Who owns the folder and its configuration. */
  readonly owner: Account;
  /** Who the agent's gateway runs as. */
  readonly runsAs: Account;
  readonly mode: number;
  readonly folders: readonly string[];
};

/** `home` is that of the sandbox; an OpenClaw of schema 1 has its folder by another name. */
export function agentHome(agent: AgentName, home: string, isOldLayout: boolean): AgentHome {
  if (agent === 'openclaw') {
    const folder = `${home}/${isOldLayout ? '.openclaw-data' : '.openclaw'}`;
    return {
      folder,
      config: `${folder}/openclaw.json`,
      owner: sandboxAccount,
      runsAs: sandboxAccount,
      // Set-group-id, so that what is made inside stays the group's.
      mode: 0o2770,
      folders: ['workspace', 'sessions', 'extensions'],
    };
  }
  const folder = `${home}/.hermes`;
  return {
    folder,
    config: `${folder}/config.json`,
    // The gateway may write into the folder but, by the sticky bit, not replace its owner's files.
    owner: { uid: sandboxAccount.uid, gid: gatewayAccount.gid },
    runsAs: gatewayAccount,
    mode: 0o3770,
    folders: ['hooks', 'image_cache', 'audio_cache', 'logs/curator', 'runtime', 'workspace'],
  };
}
