// The first program in a sandbox. It is still privileged enough to listen and to change its user, runs
// nothing of the change before it has given that up, and carries out what the change leaves behind.
// Perl for the same reasons as the guardian.
//
// Arguments: JSON-free words, since perl-base has no reader for it: port, socket, results, collect, drop,
// numbers of system calls, limits `resource:value,…`, filter in hex, `--`, command.
// Descriptor 3, where results are collected: `started`, then for each file `file NAME BYTES` and its bytes, then
// `exited code|signal N`. Without them nothing counts that the command may have said.

export const resultLimits = { files: 64, each: 8 << 20, total: 16 << 20 } as const;

/** Of unshare, setgroups, setresgid, setresuid, prlimit64, prctl. */
export const innerCalls: Readonly<Record<string, readonly number[]>> = {
  x64: [272, 116, 119, 117, 302, 157],
  arm64: [97, 159, 149, 147, 261, 167],
};

export const innerProgram = String.raw`
use strict;
use Socket;
my ($port, $socket, $results, $collect, $drop, $calls, $limits, $filter, @argv) = @ARGV;
sub give_up { syswrite(STDERR, "sandbox: $_[0]: $!\n"); exit 125 }
my ($unshare, $setgroups, $setresgid, $setresuid, $prlimit, $prctl) = map { 0 + $_ } split /,/, $calls;
my $nobody = 65534;
my ($listener, $out);
if ($port) {
  socket($listener, PF_INET, SOCK_STREAM, 0) or give_up('socket');
  bind($listener, sockaddr_in($port, INADDR_LOOPBACK)) or give_up('bind');
  listen($listener, 64) or give_up('listen');
}
if ($collect) {
  open($out, '>&=', 3) or give_up('channel');
  # Close on exec: what the command would write there would count as said by this program.
  fcntl($out, 2, 1) or give_up('channel');
}
if ($drop) {
  pipe(my $mine, my $theirs_in) or give_up('pipe');
  pipe(my $theirs, my $mine_in) or give_up('pipe');
  my $self = $$;
  my $mapper = fork;
  give_up('fork') unless defined $mapper;
  if ($mapper == 0) {
    sysread($theirs, my $go, 1);
    for my $map ('uid_map', 'gid_map') {
      open(my $file, '>', "/proc/$self/$map") or exit 1;
      syswrite($file, "$nobody $nobody 1\n") or exit 1;
    }
    syswrite($theirs_in, '.');
    exit 0;
  }
  syscall($unshare, 0x10000000) == 0 or give_up('user namespace');
  close $theirs_in;
  syswrite($mine_in, '.');
  sysread($mine, my $done, 1) or give_up('user map');
  waitpid($mapper, 0);
  syscall($setgroups, 0, 0) == 0 or give_up('setgroups');
  syscall($setresgid, $nobody, $nobody, $nobody) == 0 or give_up('setresgid');
  syscall($setresuid, $nobody, $nobody, $nobody) == 0 or give_up('setresuid');
}
if ($port) {
  my $relay = fork;
  give_up('fork') unless defined $relay;
  if ($relay == 0) { close $out if $out; relay($listener); exit 0 }
  close $listener;
}
for my $limit (split /,/, $limits) {
  my ($resource, $value) = split /:/, $limit;
  syscall($prlimit, 0, 0 + $resource, pack('Q2', $value, $value), 0) == 0 or give_up("limit $resource");
}
my $steps = pack('H*', $filter);
my $program = pack('S x![P] P', length($steps) / 8, $steps);
syscall($prctl, 38, 1, 0, 0, 0) == 0 or give_up('no new privileges');
syscall($prctl, 22, 2, $program, 0, 0) == 0 or give_up('filter of system calls');
if (!$collect) { exec { $argv[0] } @argv or give_up("exec $argv[0]") }
# Said before the command has a chance to end this program: who does so was started.
put("started\n");
my $main = fork;
give_up('fork') unless defined $main;
if ($main == 0) { exec { $argv[0] } @argv or give_up("exec $argv[0]") }
waitpid($main, 0);
my $ended = $?;
kill 'KILL', -1;
carry_out();
put('exited ' . ($ended & 127 ? 'signal ' . ($ended & 127) : 'code ' . ($ended >> 8)) . "\n");
exit($ended & 127 ? 128 + ($ended & 127) : $ended >> 8);

sub put {
  my ($bytes) = @_;
  my $at = 0;
  while ($at < length $bytes) {
    my $wrote = syswrite($out, $bytes, length($bytes) - $at, $at);
    next if !defined($wrote) && ($! == 4 || $! == 11);
    return unless $wrote;
    $at += $wrote;
  }
}
sub carry_out {
  opendir(my $folder, $results) or return;
  my ($files, $total) = (0, 0);
  for my $name (sort readdir $folder) {
    next unless $name =~ /\A[A-Za-z0-9][A-Za-z0-9._-]{0,79}\z/;
    my @stat = lstat "$results/$name";
    next unless @stat && -f _ && $stat[7] <= ${String(resultLimits.each)};
    $total += $stat[7];
    last if ++$files > ${String(resultLimits.files)} || $total > ${String(resultLimits.total)};
    sysopen(my $file, "$results/$name", 0) or next;
    my $bytes = '';
    1 while sysread($file, $bytes, 65536, length $bytes);
    put("file $name " . length($bytes) . "\n$bytes");
  }
}
# One process for all connections: each would count against the limit of processes.
sub relay {
  my ($listener) = @_;
  my (%peer, %handle, %waiting, %ended);
  my $close = sub {
    for my $number (@_) { close $handle{$number} if $handle{$number}; delete $_->{$number} for (\%peer, \%handle, \%waiting, \%ended) }
  };
  while (1) {
    my ($reads, $writes) = ('', '');
    vec($reads, fileno $listener, 1) = 1;
    for my $number (keys %handle) {
      vec($reads, $number, 1) = 1 if !$ended{$number} && length($waiting{$peer{$number}}) < 262144;
      vec($writes, $number, 1) = 1 if length $waiting{$number};
    }
    next if select($reads, $writes, undef, undef) < 0;
    if (vec($reads, fileno $listener, 1) && accept(my $near, $listener)) {
      my $far;
      if (socket($far, PF_UNIX, SOCK_STREAM, 0) && connect($far, sockaddr_un($socket))) {
        # F_SETFL, O_NONBLOCK: one slow reader must not hold up the others.
        fcntl($_, 4, 0x800) for ($near, $far);
        my ($a, $b) = (fileno $near, fileno $far);
        ($peer{$a}, $peer{$b}, $handle{$a}, $handle{$b}) = ($b, $a, $near, $far);
        ($waiting{$a}, $waiting{$b}) = ('', '');
      }
    }
    for my $number (keys %handle) {
      next unless $handle{$number};
      if (vec($reads, $number, 1) && !$ended{$number}) {
        my $got = sysread($handle{$number}, my $bytes, 65536);
        if ($got) { $waiting{$peer{$number}} .= $bytes }
        else { $ended{$number} = 1 }
      }
      if (vec($writes, $number, 1)) {
        my $wrote = syswrite($handle{$number}, $waiting{$number}, 65536);
        if ($wrote) { substr($waiting{$number}, 0, $wrote) = '' }
        elsif (!defined($wrote) && $! != 4 && $! != 11) { $close->($number, $peer{$number}); next }
      }
      my $other = $peer{$number};
      if ($ended{$number} && !length $waiting{$other}) {
        shutdown($handle{$other}, 1);
        $close->($number, $other) if $ended{$other} && !length $waiting{$number};
      }
    }
  }
}
`;
