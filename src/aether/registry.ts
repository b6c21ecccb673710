// Which functions there are and what they take and do.

export type Effect = 'read' | 'write' | 'notify' | 'pure';

export type Parameter = {
  readonly name: string;
  readonly optional: boolean;
  readonly type?: string;
};

export type FunctionSpec = {
  readonly name: string;
  readonly params: readonly Parameter[];
  /** Takes any number of further positions. */
  readonly variadic: boolean;
  /** Takes any keyword. */
  readonly openKeywords: boolean;
  readonly effect: Effect;
  /** A write that can be undone. */
  readonly undo: boolean;
  readonly deterministic: boolean;
};

export type Registry = {
  readonly functions: ReadonlyMap<string, FunctionSpec>;
  /** Names that can be read without an assignment. */
  readonly names: ReadonlySet<string>;
};

export type BuiltInRegistry = 'aether-1.1' | 'reference' | 'none';

/** `name(a, b?, *, **)`: `?` optional, `*` more positions, `**` any keyword. */
export function parseSignature(
  signature: string,
): Pick<FunctionSpec, 'name' | 'params' | 'variadic' | 'openKeywords'> {
  const opener = signature.indexOf('(');
  const name = signature.slice(0, opener);
  const parts = signature
    .slice(opener + 1, -1)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const params = parts
    .filter((part) => !part.startsWith('*'))
    .map((part) => ({ name: part.replace('?', ''), optional: part.endsWith('?') }));
  return { name, params, variadic: parts.includes('*'), openKeywords: parts.includes('**') };
}

const published: Readonly<Record<Effect, readonly string[]>> = {
  read: [
    'reflect()',
    'summarize(x?, *)',
    'load_logs(tag?, date?, range?, hours?)',
    'detect_anomalies(x?)',
    'evaluate_confidence(x)',
    'load_feature_index()',
    'available_plugins()',
    'check_confidence(plugin)',
  ],
  write: ['store(data, tag?, metadata?)', 'run_plugin(name, *, **)', 'self_heal()'],
  notify: [
    'escalate_to(target, message?, priority?, data?, alert?)',
    'narrate(text?, *)',
    'trace(level?)',
    'log(message, *)',
    'metrics(values)',
  ],
  pure: ['len(x)', 'range(a, b?)', 'stop_execution()'],
};

const reference: Readonly<Record<Effect, readonly string[]>> = {
  read: [
    'reflect()',
    'summarize(x?)',
    'load_logs()',
    'detect_anomalies()',
    'evaluate_confidence(x)',
    'load_feature_index()',
    'available_plugins()',
    'check_confidence(plugin)',
  ],
  write: ['store(data, tag?)', 'run_plugin(name)', 'self_heal()'],
  notify: ['escalate_to(target)', 'narrate()'],
  pure: [],
};

const undoable = new Set(['store', 'run_plugin']);
// What a model or a plugin answers may differ from one run to the next.
const unsteady = new Set(
  'reflect summarize detect_anomalies evaluate_confidence check_confidence run_plugin self_heal'.split(
    ' ',
  ),
);

export function builtInRegistry(id: BuiltInRegistry): Registry {
  const table = { 'aether-1.1': published, reference, none: undefined }[id];
  const functions = new Map<string, FunctionSpec>();
  for (const [effect, signatures] of entriesOf(table))
    for (const signature of signatures) {
      const spec = makeSpec(signature, effect);
      functions.set(spec.name, spec);
    }
  return { functions, names: new Set(['memory']) };
}

function entriesOf(
  table: Readonly<Record<Effect, readonly string[]>> | undefined,
): (readonly [Effect, readonly string[]])[] {
  if (table === undefined) return [];
  return (['read', 'write', 'notify', 'pure'] as const).map((effect) => [effect, table[effect]]);
}

function makeSpec(signature: string, effect: Effect): FunctionSpec {
  const parsed = parseSignature(signature);
  const undo = effect === 'write' && undoable.has(parsed.name);
  return { ...parsed, effect, undo, deterministic: !unsteady.has(parsed.name) };
}

export const publishedRegistry: Registry = builtInRegistry('aether-1.1');

/** `name(a, b?, *, **)`, as people read it. */
export function renderSignature({ name, params, variadic, openKeywords }: FunctionSpec): string {
  const parts = params.map((param) => param.name + (param.optional ? '?' : ''));
  if (variadic) parts.push('*');
  if (openKeywords) parts.push('**');
  return `${name}(${parts.join(', ')})`;
}
