// Where the owner of a sandbox keeps secrets: one of each form that a backup must look into.

import type { PackContext } from 'seatrial';

export type PlantedFile = {
  /** Below the workspace. */
  readonly path: string;
  /** Variable that holds the secret while it is written. */
  readonly variable: string;
  /** Shell that writes it, in the workspace. */
  readonly write: string;
  /** Shell that prints what it holds. */
  readonly print: string;
};

export const plantedFiles: readonly PlantedFile[] = [
  {
    path: '.env',
    variable: 'IN_ENV',
    write: 'printf "MODE=1\\nSERVICE_TOKEN=%s\\n" "$IN_ENV" > .env',
    print: 'cat .env',
  },
  {
    path: 'service.json',
    variable: 'IN_JSON',
    write: `printf '{"url":"http://service.test","api_key":"%s"}\\n' "$IN_JSON" > service.json`,
    print: 'cat service.json',
  },
  {
    path: 'old.tar.gz',
    variable: 'IN_ARCHIVE',
    write: `printf '{"password":"%s"}\\n' "$IN_ARCHIVE" > old.json && tar -czf old.tar.gz old.json && rm old.json`,
    print: 'tar -xzOf old.tar.gz',
  },
  {
    path: 'credentials.yaml',
    variable: 'IN_FILE',
    write: 'printf "key: %s\\n" "$IN_FILE" > credentials.yaml',
    print: 'cat credentials.yaml',
  },
];

/** A secret of the run for each, by variable. */
export function plantedIn({ secrets }: Pick<PackContext, 'secrets'>): Record<string, string> {
  // One line each: a file of lines cannot hold another.
  const values = Object.values(secrets).filter((value) => !value.includes('\n'));
  return Object.fromEntries(
    plantedFiles.map(({ variable }, index) => [variable, values[index] ?? '']),
  );
}
