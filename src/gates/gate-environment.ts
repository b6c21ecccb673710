// The environment of a gate's programs: built from nothing, so that no token, proxy or switch of
// whoever runs the gates decides what they answer.

export const environmentOf = ({
  folder,
  searchPath,
  profile,
}: {
  readonly folder: string;
  readonly searchPath: string;
  readonly profile: string;
}): Record<string, string> => ({
  PATH: searchPath,
  HOME: folder,
  TMPDIR: `${folder}/.tmp`,
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  PYTHONHASHSEED: '0',
  AETHERRA_PROFILE: profile,
  AETHERRA_QUIET: '1',
});
