// The program that calls what a recipe's CI folder brings as Python or shell, from the hooks of a manifest.

import type { HookName } from './manifest.ts';

/** Which hook calls what: a function of `recipe_meta.py`, one of `ops.py`, or `install_steps.sh`. */
export const hookCalls: Readonly<
  Record<HookName, { readonly meta?: string; readonly ops?: string; readonly steps?: true }>
> = {
  prepare: { meta: 'EXTRA_ENV', ops: 'pre_install', steps: true },
  preUpgrade: { meta: 'UPGRADE_EXTRA_ENV', ops: 'pre_upgrade' },
  seed: { ops: 'pre_backup' },
  mutate: { ops: 'pre_restore' },
  backupVerify: { meta: 'BACKUP_VERIFY' },
  ready: { meta: 'READY_PROBE' },
};

/** Hooks that ask a question: the answer no is exit code 1. */
const questions = ['backupVerify', 'ready'];

export const hookScript = (hook: string): string =>
  `# Calls what the CI folder has for this moment.\nexec python3 hooks/ci.py ${hook}\n`;

/** Where a repository keeps its CI folder, and the files of it that hold functions. */
export const ciHome = 'tests';
export const ciFiles = { meta: `${ciHome}/recipe_meta.py`, ops: `${ciHome}/ops.py` };

/** Started above the CI folder, which is `checks` unless a second argument names another; the first names the hook. */
export const ciProgram = `import inspect
import json
import os
import subprocess
import sys

calls = ${JSON.stringify(hookCalls).replaceAll('true', 'True')}
questions = ${JSON.stringify(questions)}
hook = sys.argv[1]
folder = os.path.join(os.getcwd(), sys.argv[2] if len(sys.argv) > 2 else "checks")
sys.path.insert(0, folder)
sys.dont_write_bytecode = True


class Context(dict):
    """Facts of the run, by key and by attribute; what is not known is None."""

    def __getattr__(self, name):
        return self.get(name)

    def __str__(self):
        return str(self.get("domain"))


url = os.environ.get("SEATRIAL_BASE_URL")
domain = os.environ.get("SEATRIAL_DOMAIN") or (url or "").split("://")[-1].split("/")[0].split(":")[0]
os.environ.setdefault("CCCI_APP_DOMAIN", domain)
if url:
    os.environ.setdefault("CCCI_BASE_URL", url)
app = os.environ.get("SEATRIAL_APP")
context = Context(
    app=app, recipe=app, domain=domain, base_url=url, op=os.environ.get("SEATRIAL_OPERATION"),
    stage=os.environ.get("SEATRIAL_STAGE"), deps=json.loads(os.environ.get("SEATRIAL_DEPS", "{}")),
)


def call(module_name, name):
    if not os.path.exists(os.path.join(folder, module_name + ".py")):
        return None
    function = getattr(__import__(module_name), name, None)
    if not callable(function):
        return None
    names = list(inspect.signature(function).parameters)
    given = [domain if each == "domain" else context for each in names[:1]]
    return function(*given)


def tell(values):
    for name, value in (values or {}).items():
        os.write(3, f"env {name}={value}\\n".encode())


todo = calls[hook]
if "meta" in todo:
    answer = call("recipe_meta", todo["meta"])
    if hook in questions:
        sys.exit(0 if answer is None or answer else 1)
    tell(answer)
if "steps" in todo and os.path.exists(os.path.join(folder, "install_steps.sh")):
    code = subprocess.call(["bash", "install_steps.sh"], cwd=folder)
    if code != 0:
        sys.exit(code)
if "ops" in todo:
    call("ops", todo["ops"])
`;
