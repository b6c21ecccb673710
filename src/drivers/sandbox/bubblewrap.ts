// The command line of bubblewrap: a root of its own with nothing of the host but programs, namespaces of
// its own for everything, and no capability that outlives the first program in it.

import { resultLimits } from './inner.ts';
import { sandboxLimits } from './limits.ts';

export type Enclosure = {
  /** Whether the caller is root: then the first program changes to user 65534 itself. */
  readonly root: boolean;
  /** `/bin`, `/lib` and the like: what they link to, or undefined where they are folders. */
  readonly systemFolders: readonly { readonly path: string; readonly target?: string }[];
  /** Of these, what exists is shown, read-only, at its own path. */
  readonly readOnly: readonly string[];
  /** Below what is shown, and yet nobody's business: the store, the harness's own folder. */
  readonly hidden: readonly string[];
  readonly results: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** Settings that programs need to start and that say nothing about the host. */
const settings = [
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/alternatives',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
];
const tmpBytes = sandboxLimits.filesBytes - resultLimits.total;

/** Everything up to the command, which follows. */
export function bubblewrapArguments(enclosure: Enclosure): readonly string[] {
  const { root, systemFolders, readOnly, hidden, results, cwd, env } = enclosure;
  return [
    ...(root ? asRoot : asUser),
    ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--hostname', 'sandbox', '--die-with-parent', '--new-session', '--clearenv'],
    ...['--ro-bind', '/usr', '/usr'],
    ...systemFolders.flatMap(({ path, target }) =>
      target === undefined ? ['--ro-bind', path, path] : ['--symlink', target, path],
    ),
    ...['--dir', '/etc', '--dir', '/etc/ssl'],
    ...settings.flatMap((path) => ['--ro-bind-try', path, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--perms', '1777', '--size', String(tmpBytes), '--tmpfs', '/tmp'],
    ...hidden.flatMap((path) => ['--perms', '0711', '--tmpfs', path]),
    ...readOnly.flatMap((path) => [...waysTo(path), '--ro-bind', path, path]),
    ...waysTo(results),
    ...['--perms', '1777', '--size', String(resultLimits.total), '--tmpfs', results],
    // What is left of the root and of /dev is memory without a limit: nobody writes there.
    ...['/dev', ...hidden, '/'].flatMap((path) => ['--remount-ro', path]),
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', cwd, '--'],
  ];
}

/** Folders that bubblewrap makes by itself on the way are its own user's alone. */
const waysTo = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1, -1)
    .flatMap((_, index, names) => ['--dir', `/${names.slice(0, index + 1).join('/')}`]);

/** The two capabilities go when the first program changes its user. */
const asRoot = ['--cap-drop', 'ALL', '--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID'];
const asUser = ['--unshare-user', '--disable-userns', '--uid', '65534', '--gid', '65534'];
