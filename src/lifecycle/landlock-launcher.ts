// A launcher that gives a program fewer rights on files than its user has, by the kernel's Landlock. Perl, since every
// Debian and Ubuntu has perl-base and Node cannot make these calls; without modules, so that it also runs in images
// that hold the interpreter alone.

/** Rights of the kernel's Landlock, first version: all thirteen. The fourteenth is to link or rename across folders. */
const allRights = { 1: 0x1fff, 2: 0x3fff } as const;
/** To execute, read files, read folders. */
const readRights = 0x000d;

export type LandlockRules = {
  readonly abi: 1 | 2;
  /** Folders and files that are not there grant nothing. */
  readonly read: readonly string[];
  readonly write: readonly string[];
};

/** How it ends when the ruleset could not be put in force; then the program was not started. */
export const notRestricted = 126;

/** A word of Perl, whatever it holds. */
const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;

const listed = (paths: readonly string[]): string => paths.map(quoted).join(', ');

/**
 * `launch [--narrow] [--read PATH] [--write PATH]... PROGRAM ARGUMENT...`: more paths may come before the program, and
 * those of the rules that may be written can be left out.
 */
export function landlockLauncher({ abi, read, write }: LandlockRules): string {
  const all = allRights[abi];
  return `#!/usr/bin/perl
my @read = (${listed(read)});
my @write = (${listed(write)});
@write = (), shift @ARGV if $ARGV[0] eq '--narrow';
while (@ARGV > 1 && $ARGV[0] =~ /^--(read|write)$/) {
  push @{$1 eq 'read' ? \\@read : \\@write}, $ARGV[1];
  splice(@ARGV, 0, 2);
}
sub failed { print STDERR "landlock: $_[0]: $!\\n"; exit ${String(notRestricted)}; }
my $handled = pack('Q', ${String(all)});
my $ruleset = syscall(444, $handled, length($handled), 0);
failed('no ruleset') if $ruleset < 0;
sub grant {
  my ($path, $rights) = @_;
  return unless -e $path;
  sysopen(my $handle, $path, 0x200000) or failed($path);
  my $rule = pack('Ql', -d $path ? $rights : $rights & 7, fileno($handle));
  failed($path) if syscall(445, $ruleset + 0, 1, $rule, 0) < 0;
}
grant($_, ${String(readRights)}) for @read;
grant($_, ${String(all)}) for @write;
# Who may not administer the machine may restrict itself only after giving up to gain rights by a program's mode.
my $prctl = \`uname -m\` =~ /^(?:aarch64|arm64)/ ? 167 : 157;
failed('prctl') if syscall($prctl, 38, 1, 0, 0, 0) < 0;
failed('restrict') if syscall(446, $ruleset + 0, 0) < 0;
exec { $ARGV[0] } @ARGV or failed($ARGV[0]);
`;
}
