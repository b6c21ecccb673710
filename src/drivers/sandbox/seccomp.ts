// The filter of system calls for code in the sandbox, as the kernel reads it: nothing that makes
// namespaces, mounts, traces others, or reaches rarely used and often broken parts of the kernel.

type Calls = { readonly arch: number; readonly clone: number; readonly denied: readonly number[] };

/** Alike on every architecture: clone3 reads its flags from memory, where a filter cannot look. */
const clone3 = 435;
/** open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, io_uring_*. */
const newer = [428, 429, 430, 431, 432, 433, 442, 425, 426, 427];

/**
 * By Node's name of the architecture: unshare, setns, mount, umount2, pivot_root, chroot, ptrace, bpf, keyctl,
 * add_key, request_key, perf_event_open, userfaultfd, kexec_load, kexec_file_load, init_module, finit_module,
 * delete_module, process_vm_readv, process_vm_writev, kcmp, open_by_handle_at, name_to_handle_at, quotactl,
 * swapon, swapoff, reboot, syslog, acct.
 */
const calls: Readonly<Record<string, Calls>> = {
  x64: {
    arch: 0xc000003e,
    clone: 56,
    denied: [
      ...[272, 308, 165, 166, 155, 161, 101, 321, 250, 248, 249, 298, 323, 246, 320, 175, 313],
      ...[176, 310, 311, 312, 304, 303, 179, 167, 168, 169, 103, 163, ...newer],
    ],
  },
  arm64: {
    arch: 0xc00000b7,
    clone: 220,
    denied: [
      ...[97, 268, 40, 39, 41, 51, 117, 280, 219, 217, 218, 241, 282, 104, 294, 105, 273],
      ...[106, 270, 271, 272, 265, 264, 60, 224, 225, 142, 116, 89, ...newer],
    ],
  },
};

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME. */
const newNamespaces = 0x7e020080;
const [loadWord, jumpEqual, jumpAbove, jumpAny, answer] = [0x20, 0x15, 0x35, 0x45, 0x06];
const [allow, kill, refuse, absent] = [0x7fff0000, 0x80000000, 0x00050001, 0x00050026];
/** Offsets in what a filter sees: number of the call, architecture, low half of the first argument. */
const [numberAt, archAt, firstAt] = [0, 4, 16];
/** Calls of the x32 interface have this bit and would pass by other numbers. */
const x32 = 0x40000000;

/** Instructions of eight bytes; undefined for an architecture whose numbers are not known here. */
export function seccompFilter(architecture: string): Buffer | undefined {
  const known = calls[architecture];
  if (known === undefined) return undefined;
  const step = (code: number, k: number, yes = 0, no = 0): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(code, 0);
    bytes.writeUInt8(yes, 2);
    bytes.writeUInt8(no, 3);
    bytes.writeUInt32LE(k, 4);
    return bytes;
  };
  const when = (call: number, then: number): Buffer[] => [
    step(jumpEqual, call, 0, 1),
    step(answer, then),
  ];
  return Buffer.concat([
    step(loadWord, archAt),
    step(jumpEqual, known.arch, 1, 0),
    step(answer, kill),
    step(loadWord, numberAt),
    step(jumpAbove, x32, 0, 1),
    step(answer, absent),
    ...known.denied.flatMap((call) => when(call, refuse)),
    ...when(clone3, absent),
    step(jumpEqual, known.clone, 0, 3),
    step(loadWord, firstAt),
    step(jumpAny, newNamespaces, 0, 1),
    step(answer, refuse),
    step(answer, allow),
  ]);
}
