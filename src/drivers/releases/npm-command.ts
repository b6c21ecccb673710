// One npm command with the user's npm configuration, and its failures as codes.

import type { ProcessResult } from '../../ports/processes.ts';
import { WorldError, type WorldErrorCode } from '../../ports/world-error.ts';
import type { FetchOptions, ReleaseSettings } from './release-settings.ts';

const outputLimitBytes = 64 * 1024 * 1024;

const passedOn =
  /^(PATH|HOME|LANG|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|npm_config_.*|NPM_CONFIG_.*|NPM_TOKEN|NODE_AUTH_TOKEN|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/;

/** What commands that install or build a release get of the harness's environment. */
export const releaseEnvironment = (env: ReleaseSettings['env']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && passedOn.test(name) ? [[name, value]] : [],
    ),
  );

const codes: Readonly<Record<string, WorldErrorCode>> = {
  E404: 'not-found',
  ETARGET: 'not-found',
  ENOVERSIONS: 'not-found',
  E401: 'permission',
  E403: 'permission',
  EACCES: 'permission',
  ENOSPC: 'disk-full',
  EROFS: 'read-only',
};
const networkCodes =
  /^(E5\d\d|E429|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ESOCKETTIMEDOUT|ERR_SOCKET_TIMEOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|FETCH_ERROR|CERT_.*|.*SELF_SIGNED.*|UNABLE_TO_.*)$/;

/** A question is asked three times within ten seconds; npm's own pauses keep people waiting for over a minute. */
export const quickRetries = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(text(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function reportedError(result: ProcessResult): { code: string; summary: string } {
  const output = parseJson(result.stdout);
  const error = isObject(output) ? output['error'] : undefined;
  if (isObject(error))
    return { code: String(error['code']), summary: String(error['summary']).slice(0, 500) };
  const said = text(result.stderr);
  const code = /npm (?:error|ERR!) code (\S+)/.exec(said)?.[1] ?? '';
  return { code, summary: said.trim().split('\n').slice(-5).join(' ').slice(0, 500) };
}

/** The coded failure of an npm command. */
export function npmError(what: string, result: ProcessResult): WorldError {
  if (result.cancelled) return new WorldError('cancelled', `npm was cancelled: ${what}.`);
  if (result.timedOut) return new WorldError('timeout', `npm took too long: ${what}.`);
  const { code, summary } = reportedError(result);
  const known = codes[code] ?? (networkCodes.test(code) ? 'network' : 'io');
  return new WorldError(known, `npm could not ${what}: ${summary}`);
}

type NpmCall = FetchOptions & {
  readonly args: readonly string[];
  readonly what: string;
  /** An empty folder, so that no project's configuration counts. */
  readonly cwd: string;
  readonly timeoutMs: number;
};

/** Standard output of an npm command that succeeded. */
export async function runNpm(
  { processes, env }: Pick<ReleaseSettings, 'processes' | 'env'>,
  { args, what, cwd, timeoutMs, signal, onProgress }: NpmCall,
): Promise<Uint8Array> {
  onProgress?.(`npm: ${what}`);
  const result = await processes.run({
    argv: ['npm', ...args, '--no-update-notifier'],
    cwd,
    env: releaseEnvironment(env),
    timeoutMs,
    outputLimitBytes,
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.exitCode !== 0) throw npmError(what, result);
  return result.stdout;
}
