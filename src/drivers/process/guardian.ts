// The program that stands between Seatrial and every command it runs. It is a child subreaper: what a
// command forks off, however it detaches itself, becomes the guardian's child and cannot get away.
// It is perl because perl-base is on every Debian and Ubuntu, starts in 3 ms and can call prctl.
//
// Descriptors: 0-2 of the command, 3 the command's channel, 4 control, 5 status.
// Control: eight digits of length, then prctl's number, channel, grace, cwd, argument count, arguments,
// environment, separated by NUL (prctl's number may be followed by `:` and ptrace's: then the command is
// stopped at its exec and `born` tells what was executed); afterwards lines `stop SIGNAL GRACE_MS`. Its end means that Seatrial died.
// Status lines: `born HEX_ARGUMENTS HEX_ENVIRONMENT HEX_PROGRAM HEX_FOLDER`, `started PID START OWN_START`, `failed STEP ERRNO`, `exited code|signal N`,
// `survivor|forced|left PID HEX_COMMAND`, `done`.

export const guardianProgram = String.raw`
use strict;
my ($settle, $reaping, $reported_max) = (0.1, 10, 64);
$SIG{$_} = 'IGNORE' for qw(INT TERM HUP QUIT PIPE USR1 USR2);
$SIG{CHLD} = sub { };
open(my $control, '<&=', 4) or exit 120;
open(my $status, '>&=', 5) or exit 120;
sub report { syswrite($status, join(' ', @_) . "\n") }
sub take {
  my ($wanted) = @_;
  my $bytes = '';
  while (length($bytes) < $wanted) {
    my $got = sysread($control, $bytes, $wanted - length($bytes), length($bytes));
    next if !defined($got) && $! == 4;
    exit 121 unless $got;
  }
  return $bytes;
}
sub slurp {
  open(my $file, '<', $_[0]) or return '';
  local $/;
  my $text = <$file>;
  return defined($text) ? $text : '';
}
# The command name may hold spaces and brackets: fields count from the last closing bracket.
sub fields { return slurp("/proc/$_[0]/stat") =~ /\) ([^)]*)\z/s ? split(' ', $1) : () }
sub start_time { my @field = fields($_[0]); return @field ? $field[19] : 0 }
sub now { return (split ' ', slurp('/proc/uptime'))[0] }
sub command {
  my $line = slurp("/proc/$_[0]/cmdline");
  $line = '[' . slurp("/proc/$_[0]/comm") . ']' if $line eq '';
  $line =~ tr/\0\n/  /;
  $line =~ s/ +\z//;
  return unpack('H*', substr($line, 0, 300));
}

my ($prctl, $channel, $grace, $cwd, $count, @rest) = split /\0/, take(0 + take(8)), -1;
my @argv = splice(@rest, 0, $count);
($prctl, my $ptrace) = split /:/, $prctl;
$0 = "seatrial-guardian $argv[0]";
my $subreaper = syscall($prctl + 0, 36, 1, 0, 0, 0) == 0;
my $guardian = $$;
pipe(my $fault, my $fault_in) or exit 122;
my $main = fork;
exit 123 unless defined $main;
if ($main == 0) {
  close $control; close $status; close $fault;
  if (!$channel) { open(my $unused, '>&=', 3); close $unused }
  setpgrp(0, 0);
  # The command dies with the guardian; asked again because the guardian may be gone already.
  syscall($prctl + 0, 1, 9, 0, 0, 0);
  exit 124 if getppid() != $guardian;
  $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP QUIT PIPE USR1 USR2 CHLD);
  umask 022;
  if ($ptrace && syscall($ptrace + 0, 0, 0, 0, 0) != 0) { syswrite($fault_in, 'untraced ') }
  if (!chdir $cwd) { syswrite($fault_in, 'chdir ' . (0 + $!)); exit 125 }
  %ENV = map { split /=/, $_, 2 } @rest;
  exec { $argv[0] } @argv or do { syswrite($fault_in, 'exec ' . (0 + $!)); exit 126 };
}
close $fault_in;
# Held open here, the command's streams would never end.
open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
{ open(my $unused, '>&=', 3); close $unused }
my $trouble = '';
while (1) {
  my $got = sysread($fault, $trouble, 64, length($trouble));
  last if defined($got) ? $got == 0 : $! != 4;
}
my $traced = $ptrace && $trouble !~ s/^untraced //;
if ($trouble ne '') { waitpid($main, 0); report('failed', $trouble); exit 0 }

my $pidfd = syscall(434, $main, 0);
my ($running, $childless, $asked, $orphaned, $buffer) = (1, 0, 0, 0, '');
my ($ended_at, $deadline, $judged, %told);
sub main_ended {
  ($running, $ended_at) = (0, now());
  report('exited', $? & 127 ? ('signal', $? & 127) : ('code', $? >> 8));
}
# At its exec the command is stopped: none of its code has run, so nothing can have changed its appearance.
my $main_start = start_time($main);
# In $? a stopped child looks like one that ended well, so its state is asked for.
if ($traced && waitpid($main, 0) == $main && ((fields($main))[0] || '') eq 't') {
  my $proc = "/proc/$main";
  report('born', map { unpack('H*', $_) } slurp("$proc/cmdline"), slurp("$proc/environ"),
    readlink("$proc/exe") || '', readlink("$proc/cwd") || '');
  syscall($ptrace + 0, 17, $main, 0, 0);
  $traced = 0;
}
report('started', $main, $main_start, start_time($$));
main_ended() if $traced;
sub reap {
  while (1) {
    my $pid = waitpid(-1, 1);
    $childless = $pid < 0;
    return if $pid <= 0;
    next if $pid != $main;
    main_ended();
  }
}
sub descendants {
  my (%children, %group, @found);
  opendir(my $folder, '/proc') or return;
  for my $pid (grep { /^\d+\z/ } readdir $folder) {
    my ($state, $parent, $pgrp) = fields($pid) or next;
    $group{$pid} = $pgrp;
    push @{$children{$parent}}, [$pid, $state];
  }
  my @next = ($$);
  while (@next) {
    for my $child (@{delete($children{shift @next}) || []}) {
      push @next, $child->[0];
      push @found, [$child->[0], $group{$child->[0]}] if $child->[1] !~ /[ZX]/;
    }
  }
  return @found;
}
sub name_once {
  my ($word, $pid) = @_;
  return if $told{$pid}++ || keys(%told) > $reported_max;
  report($word, $pid, command($pid));
}
sub listen_control {
  my $got = sysread($control, $buffer, 4096, length($buffer));
  return if !defined($got) && $! == 4;
  if (!$got) { $orphaned = 1; $deadline = 0; return }
  while ($buffer =~ s/^stop (\w+) (\d+)\n//) {
    my ($signal, $wait) = ($1, $2);
    $asked = 1;
    my $limit = now() + $wait / 1000;
    $deadline = $limit if !defined($deadline) || $limit < $deadline;
    $deadline = 0 if $signal eq 'KILL';
    kill $signal, -$main if $running;
  }
}
# Called once, when the command has ended and its family had a moment to follow it. When it was asked to
# stop, its group was asked as well and has the rest of the grace; whoever left the group has not.
sub judge {
  $judged = 1;
  $deadline = now() + $grace / 1000 unless defined $deadline;
  for my $one (descendants()) {
    next if $asked && $one->[1] == $main;
    name_once('survivor', $one->[0]);
    kill 'TERM', $one->[0];
  }
}
sub kill_all {
  my $until = now() + $reaping;
  # With the command still there its family ends together with it, and only the command is named.
  my $together = $running;
  while (1) {
    my @all = descendants();
    for my $one (@all) {
      name_once('forced', $one->[0]) unless $orphaned || $together && $one->[0] != $main;
      kill 'KILL', $one->[0];
    }
    select(undef, undef, undef, 0.003);
    reap();
    return if $childless;
    next if now() < $until;
    report('left', $_->[0], command($_->[0])) for @all;
    return;
  }
}
while (1) {
  reap();
  last if $childless;
  if (defined($deadline) && now() >= $deadline) { kill_all(); last }
  judge() if !$running && !$judged && now() - $ended_at >= $settle;
  my $ready = '';
  vec($ready, 4, 1) = 1;
  vec($ready, $pidfd, 1) = 1 if $running && $pidfd >= 0;
  my $wait = !$running ? ($judged ? 0.02 : 0.005) : defined($deadline) || $pidfd < 0 ? 0.01 : 1;
  listen_control() if select($ready, undef, undef, $wait) > 0 && vec($ready, 4, 1);
}
report('done');
`;

/** Number of the system call ptrace by `process.arch`. */
export const ptraceNumbers: Readonly<Record<string, number>> = {
  x64: 101,
  arm64: 117,
  arm: 26,
  ia32: 26,
  loong64: 117,
  ppc64: 26,
  riscv64: 117,
  s390x: 26,
};

/** Number of the system call prctl by `process.arch`; undefined where the guardian cannot work. */
export const prctlNumbers: Readonly<Record<string, number>> = {
  x64: 157,
  arm64: 167,
  arm: 172,
  ia32: 172,
  loong64: 167,
  ppc64: 171,
  riscv64: 167,
  s390x: 172,
};
