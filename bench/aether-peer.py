"""The verdicts of the reference checker, for one file: what a check costs that starts an interpreter
for each workflow. Written from the same description as src/aether/reference.ts and apart from it, so
that the two can be held against each other. With --lines it reads hex of one file per line of
standard input instead and answers each with a line."""

import json
import sys

NAMES = frozenset(
    "reflect summarize load_logs store detect_anomalies escalate_to run_plugin evaluate_confidence "
    "self_heal narrate load_feature_index available_plugins check_confidence".split()
)


def unknown_name(rest):
    rest = rest.strip()
    head, opener, _ = rest.partition("(")
    head = head.strip()
    if not opener or not rest.endswith(")") or not head or len(head.split()) > 1 or head in NAMES:
        return None
    return f"unknown function '{head}'"


def judge_line(line, number):
    if not line or line.startswith(("#", "goal:")):
        return None
    if line.startswith("memory:"):
        return 25, unknown_name(line[len("memory:") :])
    if ":" in line and not line.startswith(("if ", "for ")):
        if line.startswith(":"):
            return 20, f"Parse error (assignment) line {number}: {line}"
        return 25, unknown_name(line.partition(":")[2])
    if "(" not in line or not line.endswith(")"):
        return None
    if line.count("(") != line.count(")"):
        return 20, f"Unbalanced parentheses line {number}: {line}"
    return 25, unknown_name(line)


def judge(content):
    text = content.decode("utf-8", "ignore").replace("\r\n", "\n").replace("\r", "\n")
    first_unknown = None
    for number, raw in enumerate(text.strip().split("\n"), 1):
        code, message = judge_line(raw.strip(), number) or (0, None)
        if code == 20:
            return {"code": 20, "message": message, "line": number}
        if message is not None and first_unknown is None:
            first_unknown = {"code": 25, "message": message, "line": number}
    return first_unknown or {"code": 0, "message": "parse ok", "line": None}


if sys.argv[1:] == ["--lines"]:
    for hexadecimal in sys.stdin:
        print(json.dumps(judge(bytes.fromhex(hexadecimal.strip()))), flush=True)
else:
    with open(sys.argv[1], "rb") as file:
        verdict = judge(file.read())
    print(json.dumps(verdict))
    sys.exit(verdict["code"])
