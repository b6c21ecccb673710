// Patches that break the tools for workflow files, each in one place.

import type { Fault } from '../planted-faults.ts';

/** In the language: reading, running, migrating, verifying. */
export const languageFaults: readonly Fault[] = [
  {
    what: 'diagnostics are ignored for the code',
    file: 'aether/check-text',
    from: 'problems.filter(({ severity }) => severity ===',
    to: 'problems.slice(0, 0).filter(({ severity }) => severity ===',
    breaks: 'a file with an error has its code',
  },
  {
    what: 'warnings count as errors',
    file: 'aether/check-text',
    from: "problems.filter(({ severity }) => severity === 'error')",
    to: 'problems.map((each) => ({ ...each, code: "E_CALL_UNKNOWN" }))',
    breaks: 'a warning changes no code',
  },
  {
    what: 'positions come from stripped text',
    file: 'aether/text',
    from: 'hasBom ? content.slice(1) : content;',
    to: '(hasBom ? content.slice(1) : content).trim();',
    breaks: 'a place is one in the file',
  },
  {
    what: 'nested calls are unseen',
    file: 'aether/check-expression',
    from: 'for (const { value } of args) checkExpression(',
    to: "for (const { value } of args) if (value.kind !== 'call') checkExpression(",
    breaks: 'calls inside calls are looked up',
  },
  {
    what: 'calls in dicts are unseen',
    file: 'aether/check-expression',
    from: 'for (const { value } of entries) checkExpression(checker, value);',
    to: '',
    breaks: 'calls inside calls are looked up',
  },
  {
    what: 'detection looks into strings',
    file: 'aether/dialect',
    from: "if (first.value === 'status' && tokens.length === 1) return true;",
    to: 'if (tokens.some(({ value }) => /(?:→|->) ?[$]/.test(value))) return true;',
    breaks: 'text in quotes says nothing about the dialect',
  },
  {
    what: 'both branches run',
    file: 'aether/execute',
    from: 'await executeBody(frame, chosen);',
    to: 'for (const each of [...branches, otherwise]) await executeBody(frame, each?.body ?? []);',
    breaks: 'exactly one branch runs',
  },
  {
    what: 'a failed call is turned to text',
    file: 'aether/call-provider',
    from: 'if (!result.ok) {',
    to: 'if (!result.ok) {\n    return `error: ${result.message}`;',
    breaks: 'a call that fails is an error, never a value',
  },
  {
    what: 'a failed call is null',
    file: 'aether/call-provider',
    from: "const code = rulesOf[kind] ?? 'E_RUN_CALL_FAILED';",
    to: 'return null;',
    breaks: 'a call that fails is an error, never a value',
  },
  {
    what: 'a late result is accepted after the timeout',
    file: 'aether/call-provider',
    from: "if (first !== 'late') return first;",
    to: "return first === 'late' ? await call : first;",
    breaks: 'what comes after the timeout is discarded',
  },
  {
    what: 'rollback is skipped',
    file: 'aether/execute',
    from: 'await undoWrites(frame.run, transaction.writes)',
    to: '[]',
    breaks: 'a transaction that fails leaves nothing behind',
  },
  {
    what: 'names stay as a failed transaction left them',
    file: 'aether/execute',
    from: 'frame.names.clear();\n      for (const [name, value] of before) frame.names.set(name, value);',
    to: '',
    breaks: 'a transaction that fails leaves nothing behind',
  },
  {
    what: 'notifications do not wait for the commit',
    file: 'aether/evaluate',
    from: "if (found.effect === 'notify' && frame.transaction !== undefined) return",
    to: 'if (false) return',
    breaks: 'a transaction that fails leaves nothing behind',
  },
  {
    what: 'the undo order is reversed',
    file: 'aether/undo-writes',
    from: '.reverse()',
    to: '',
    breaks: 'writes are undone last first',
  },
  {
    what: 'records come in the order of completion',
    file: 'aether/call-provider',
    from: '  calls.push(record);',
    to: "  flat(frameOf(run)).push(record);\n}\nfunction frameOf(run: Run & { told?: CallRecord[] }) {\n  return (run.told ??= []);\n}\nfunction flat(told: CallRecord[]) {\n  return told;",
    breaks: 'records come in the order of the source',
  },
  {
    what: 'migrate drops the final newline',
    file: 'aether/migrate',
    from: 'const text = applyEdits(source.text, plan.edits);',
    to: 'const text = applyEdits(source.text, plan.edits).trimEnd();',
    breaks: 'what is migrated keeps its end',
  },
  {
    what: 'migrate adds a final newline',
    file: 'aether/migrate',
    from: 'const text = applyEdits(source.text, plan.edits);',
    to: 'const text = `${applyEdits(source.text, plan.edits).trimEnd()}\\n`;',
    breaks: 'what is migrated keeps its end',
  },
  {
    what: 'compat drops the byte order mark',
    file: 'aether/reference',
    from: "(hasBom ? '\\ufeff' : '') + ",
    to: '',
    breaks: 'compat keeps U+FEFF',
  },
  {
    what: 'compat strips U+FEFF',
    file: 'aether/reference',
    from: '  0x3000,\n',
    to: '  0x3000,\n  0xfeff,\n',
    breaks: 'compat keeps U+FEFF',
  },
  {
    what: 'the fallback secret is accepted',
    file: 'aether/signature',
    from: 'if (isWellKnown)',
    to: 'if (isWellKnown && legacySecret === undefined)',
    breaks: 'the secret that everybody knows signs nothing',
  },
  {
    what: 'a revoked key is accepted',
    file: 'aether/signature',
    from: 'if (revoked !== undefined)',
    to: 'if (revoked === null)',
    breaks: 'a revoked key signs nothing',
  },
  {
    what: 'a key is accepted until the time of its revocation',
    file: 'aether/signature',
    from: 'if (revoked !== undefined)',
    to: 'if (revoked !== undefined && Date.parse(now) >= Date.parse(revoked.at))',
    breaks: 'a revoked key signs nothing',
  },
];

/** In the program. */
export const programFaults: readonly Fault[] = [
  {
    what: 'the exit code is dropped',
    file: 'cli/aether',
    from: 'process.exitCode = await dispatch(',
    to: 'await dispatch(',
    breaks: 'the program ends with the code of its files',
  },
  {
    what: 'output comes in the order of completion',
    file: 'cli/aether-many',
    from: 'const oldest = waiting.shift();',
    to: 'const oldest = waiting.pop();',
    breaks: 'answers come in the order of the files, whoever finished first',
  },
];
