// Every planted fault of the reference: which program it is in, the file that asks for it, and what it
// does there. The code asks for each at exactly one place.

export type Mutant = {
  readonly id: string;
  readonly program: string;
  /** The file, below `reference/`. */
  readonly where: string;
  readonly plants: string;
};

/** By program, by file, by id. */
const table = {
  openshell: {
    'openshell/policy.ts': {
      'gateway.allow-all': 'answers every request, whatever the policy says',
      'gateway.deny-all': 'denies every request',
      'gateway.ignore-paths': 'drops the writable paths of a policy',
    },
    'openshell/migrate.ts': {
      'gwup.lose-provider': 'migrates all providers but the first',
      'gwup.drop-route': 'migrates without the route to inference',
    },
    'openshell/state-current.ts': {
      'gwup.keep-schema': 'puts the file of the old schema back',
    },
    'openshell/gateway.ts': {
      'gwup.orphan-survivor': 'does not listen to sandboxes it did not make',
      'gwup.restart-survivor': 'restarts what it adopts',
      'gwup.wipe-home': 'empties the home of what it adopts',
    },
  },
  openclaw: {
    'agents/openclaw/openclaw.ts': {
      'agent.canned-answer': 'answers without asking the model',
    },
    'agents/openclaw/plugins-old.ts': {
      'plugin.old-is-fixed': 'the old release installs as the current one does',
    },
    'agents/openclaw/plugin-store.ts': {
      'plugin.tmp-only': 'keeps plugins where no restart finds them',
      'plugin.delete-first': 'removes the old plugin before the new one is there',
      'plugin.rename-across': 'stages in the folder for temporary files',
      'plugin.rename-up': 'stages in a folder below and renames up',
      'plugin.rename-lower': 'renames a folder of a lower layer',
    },
  },
  hermes: {
    'agents/hermes/hermes.ts': {
      'entry.wrong-health': 'tells another platform',
    },
    'agents/hermes/pid-file-current.ts': {
      'entry.pid-symlink': 'writes its pid through a link',
    },
  },
  nemoclaw: {
    'setup/cluster.ts': {
      'overlay.leave-container': 'leaves a container that did not start',
      'overlay.hide-failure': 'does not tell that the build failed',
      'overlay.use-upstream': 'builds and then does not use it',
      'overlay.no-build': 'builds nothing',
      'overlay.ignore-opt-out': 'repairs although it was declined',
    },
    'setup/patched-image.ts': {
      'overlay.trust-tag': 'takes whatever the tag names',
      'overlay.rebuild-always': 'builds what is there already',
      'overlay.tag-by-version': 'names images by the version of nemoclaw',
    },
    'setup/overlay-condition.ts': {
      'overlay.accept-any': 'takes any name for a snapshotter',
      'overlay.always-patch': 'finds that every engine needs it',
      'overlay.never-detect': 'finds that no engine needs it',
    },
    'nemoclaw/rebuild-current.ts': {
      'rebuild.noop': 'says that it rebuilt and does nothing',
      'rebuild.keep-old-image': 'makes the new sandbox from the old image',
      'rebuild.delete-first': 'deletes the old sandbox before there is a new one',
    },
    'nemoclaw/rebuild-journal.ts': {
      'rebuild.no-journal': 'does not record how far it came',
    },
    'nemoclaw/images.ts': {
      'agent.version-lies': 'puts an agent into images that has the version and not the content',
      'rebuild.trust-tag': 'takes whatever the tag of the base names',
      'entry.missing': 'builds an image without the entrypoint',
      'entry.trust-env': 'starts Node with the environment as it comes',
    },
    'nemoclaw/rebuild-registry.ts': {
      'rebuild.copy-manifest-version': 'writes the version that the backup remembers',
      'rebuild.rewrite-registry': 'touches the entries of other sandboxes',
      'rebuild.drop-messaging': 'forgets the messaging plan',
      'rebuild.inline-token': 'writes the token where its placeholder was',
      'rebuild.stale-session': 'leaves the session as it was',
    },
    'nemoclaw/rebuild-restore.ts': {
      'rebuild.lose-marker': 'leaves a marker out',
      'rebuild.truncate-marker': 'cuts a marker off',
      'rebuild.lose-file': 'leaves state files out',
      'rebuild.corrupt-file': 'flips a bit of state files',
      'rebuild.reset-hermes': 'starts with the configuration of the image',
      'rebuild.skip-migration': 'does not migrate what it restored',
      'rebuild.keep-token': 'brings the old token along',
      'rebuild.stale-hash': 'changes the token after it was hashed',
      'rebuild.drop-route': 'sends questions to the model nowhere',
    },
    'nemoclaw/rebuild-policies.ts': {
      'rebuild.drop-preset': 'forgets one preset',
      'rebuild.drop-custom': 'forgets the custom policies',
      'rebuild.skip-reapply': 'does not tell the gateway the policy',
      'rebuild.add-defaults': 'adds presets that nobody asked for',
      'rebuild.widen-policy': 'allows every method and path of its hosts',
    },
    'nemoclaw/backup.ts': {
      'backup.forget-presets': 'writes a manifest without presets',
      'backup.world-readable': 'makes files that everybody reads',
      'backup.forget-plugins': 'leaves plugins out',
    },
    'nemoclaw/sanitise.ts': {
      'backup.keep-env': 'keeps the values of .env files',
      'backup.keep-json': 'keeps the credentials of JSON files',
      'backup.keep-archive': 'does not look into archives',
    },
    'nemoclaw/upgrade-check-current.ts': {
      'upgrade.always-current': 'finds everything up to date',
      'upgrade.always-stale': 'finds everything stale',
      'upgrade.trust-registry': 'believes the registry',
      'upgrade.unknown-is-current': 'takes silence for up to date',
      'upgrade.ignore-drift': 'looks at the version only',
      'upgrade.check-writes': 'changes the registry while checking',
    },
    'nemoclaw/sandbox-commands.ts': {
      'override.forward-all': 'forwards the whole environment',
      'override.forward-none': 'forwards nothing',
    },
  },
  'nemoclaw-start': {
    'entrypoint/write-config.ts': {
      'override.no-hash': 'writes no hash',
      'override.root-owned': 'leaves files to root',
    },
    'entrypoint/overrides.ts': {
      'override.ignore-one': 'ignores one variable',
      'override.last-wins': 'applies the last variable only',
      'override.accept-zero': 'takes zero for a positive number',
      'override.accept-control': 'takes control characters',
      'override.partial': 'applies the good ones beside a bad one',
      'override.sticky': 'never puts back what it replaced',
    },
    'entrypoint/safe-files.ts': {
      'override.follow-links': 'reads through links',
      'entry.follow-links': 'does not look for links',
    },
    'entrypoint/prepare-home.ts': {
      'entry.mode-755': 'opens the home to everybody',
      'entry.no-sticky': 'leaves the sticky bit out',
      'entry.skip-dirs': 'does not make the folders',
      'entry.keep-legacy': 'does not repair what old releases left',
    },
    'entrypoint/pid-lock.ts': {
      'entry.racy-pid': 'does not look whether another runs',
    },
    'entrypoint/nemoclaw-start.ts': {
      'entry.run-as-root': 'starts the gateway as root',
    },
  },
  'install-openshell': {
    'installer/install-openshell.ts': {
      'pin.install-elsewhere': 'installs where PATH does not look',
      'pin.always-download': 'replaces what is right already',
      'pin.keep-too-old': 'keeps what is below the minimum',
      'pin.keep-too-new': 'keeps what is above the maximum',
    },
    'installer/swap-files.ts': {
      'pin.write-in-place': 'removes before it writes',
    },
    'installer/download.ts': {
      'pin.skip-checksum': 'does not check digests',
    },
    'installer/found-openshell.ts': {
      'pin.skip-markers': 'does not look for features',
      'pin.ignore-helpers': 'does not look for the helpers',
    },
    'installer/bounds.ts': {
      'pin.accept-garbage': 'takes anything for a version',
    },
    'installer/platform.ts': {
      'pin.wrong-libc': 'asks for programs of the other libc',
      'pin.mac-x64': 'installs on Macs without Apple silicon',
      'pin.driver-vm': 'also asks for the driver of virtual machines',
    },
  },
  'nemoclaw-install': {
    'installer/nemoclaw-install.ts': {
      'spark.broken-shim': 'links commands to nowhere',
    },
    'installer/upgrade-gateway.ts': {
      'gwup.reset-registry': 'empties the registry',
      'gwup.half-migrated': 'does not go back after a failure',
      'gwup.keep-process': 'does not stop the old gateway',
      'gwup.version-lies': 'starts a gateway of other content under the same version',
      'gwup.skip-backup': 'backs no sandbox up',
      'gwup.no-consent': 'does not ask for consent',
    },
  },
  'setup-spark': {
    'installer/setup-spark.ts': {
      'spark.no-restore': 'leaves the new file when the engine is gone',
      'spark.add-root': 'adds root to the group',
      'spark.rewrite-file': 'writes the whole file anew',
      'spark.overwrite-broken': 'replaces a file that it cannot read',
      'spark.ignore-k8s': 'does not look for Kubernetes',
      'spark.always-restart': 'restarts without need',
      'spark.no-write': 'does not write the file',
      'spark.allow-user': 'does not ask for root',
    },
  },
} as const;

type Values<Of> = Of[keyof Of];
type Ids<Of> = Of extends unknown ? keyof Of : never;
export type MutantId = Ids<
  Values<{ [Program in keyof typeof table]: Values<(typeof table)[Program]> }>
>;

type Rows = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

export const mutants: readonly Mutant[] = Object.entries(table as Rows).flatMap(
  ([program, files]) =>
    Object.entries(files).flatMap(([where, faults]) =>
      Object.entries(faults).map(([id, plants]) => ({ id, program, where, plants })),
    ),
);
