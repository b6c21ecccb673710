// What functions of the pack are given, for tests that need a part of it; the rest answers nobody.

import type { PackContext, PackPorts } from 'seatrial';

type Part = Pick<PackContext, 'product' | 'home'> & {
  readonly ports: Pick<PackPorts, 'run' | 'state'>;
};

const never = (): Promise<never> => Promise.reject(new Error('nothing is asked here'));

const sandbox = { list: never, inspect: never, exec: never, read: never };
const driver = { image: never, images: never };

/** What a collector gets beside: how the operation ended, and a place for more evidence. */
export const afterAction = ({
  exit = null,
  stdout = '',
  stderr = '',
}: {
  readonly exit?: number | null | undefined;
  readonly stdout?: string;
  readonly stderr?: string;
}) => ({ action: { exit, stdout, stderr }, keep: () => undefined });

export const packContext = ({ product, home, ports }: Part): PackContext => ({
  ...{ pack: '', product, home, work: home, run: 'run-1', suffix: '01234567' },
  ...{ name: 'subject-01234567', nonce: 'nonce-0123456789abcdef', fixtures: {}, secrets: {} },
  ports: {
    ...ports,
    ...{ http: never, gateway: never, provider: { requests: never } },
    ...{ sandbox, driver, engine: () => ({ sandbox, driver }) },
  },
  signal: new AbortController().signal,
  sleep: never,
});
