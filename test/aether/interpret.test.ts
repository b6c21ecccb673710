import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkString } from '../../src/aether/check-text.ts';
import { interpret, type RunOptions, type RunOutcome } from '../../src/aether/interpret.ts';
import { planRun, renderPlan } from '../../src/aether/plan-run.ts';
import { generateScript, makeRandom } from './generate.ts';
import { publishedExample } from './published-example.ts';
import { failed, hang, makeWorld, ok, type Answer, type World } from './virtual-effects.ts';

async function run(
  text: string,
  world: World = makeWorld(),
  options: RunOptions & { signal?: AbortSignal } = {},
): Promise<RunOutcome> {
  const checked = checkString(text);
  expect(checked.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return interpret(checked, world.effects, options.signal ?? new AbortController().signal, options);
}

describe('the published example', () => {
  test('checks clean and runs twice to identical records', async () => {
    expect(checkString(publishedExample).problems).toEqual([]);
    const [first, second] = [await run(publishedExample), await run(publishedExample)];
    expect(first.code).toBe(0);
    expect(first.record.calls.map(({ name, as }) => [name, as])).toEqual([
      ['load_logs', null],
      ['summarize', null],
      ['load_logs', null],
      ['summarize', null],
      ['detect_anomalies', null],
      ['run_plugin', null],
      ['store', 'saved'],
      ['metrics', null],
    ]);
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });
});

const goal = 'goal: "x"\n';

/** The value that `log` was given. */
async function valueOf(expression: string): Promise<string> {
  const world = makeWorld();
  const outcome = await run(`${goal}x: ${expression}\nlog("v", x)\n`, world);
  return outcome.code === 0 ? (world.log.at(-1) ?? '') : (outcome.problem?.code ?? '');
}

test.each([
  ['1 + 2 * 3', '7'],
  ['"a" + "b"', '"ab"'],
  ['[1] + [2]', '[1,2]'],
  ['7 % 4 - 1', '2'],
  ['{"a": {"b": [1, 2]}}.a.b[1]', '2'],
  ['[1, {"a": 2}] == [1, {"a": 2}]', 'true'],
  ['1 == "1"', 'false'],
  ['"b" in ["a", "b"] and not ("k" in {"j": 1})', 'true'],
  ['null or 0s or ""', 'false'],
  ['2s > 1999ms', 'true'],
  ['-(1 + 2)', '-3'],
  ['range(2, 5)', '[2,3,4]'],
  ['len("😀a")', '2'],
  ['9007199254740991 + 1', 'E_RUN_RANGE'],
  ['1 < "a"', 'E_RUN_TYPE'],
  ['{"a": 1}.b', 'E_RUN_KEY'],
  ['[1][-1]', 'E_RUN_KEY'],
  ['1 % 0', 'E_RUN_RANGE'],
  ['range(0, 900000000)', 'E_RUN_RANGE'],
])('%s is %s', async (expression, want) => {
  const got = await valueOf(expression);
  expect(got).toBe(want.startsWith('E_') ? want : `log("v", ${want})`);
});

describe('branches', () => {
  test('exactly the branch taken writes', async () => {
    const world = makeWorld();
    const text = `${goal}if false:\n  store("then")\nelse:\n  store("else")\n`;
    expect((await run(text, world)).code).toBe(0);
    expect(world.log).toEqual(['store("else")']);
  });

  test('and, or stop early', async () => {
    const world = makeWorld();
    await run(
      `${goal}if false and reflect():\n  store(1)\nif true or reflect():\n  store(2)\n`,
      world,
    );
    expect(world.log).toEqual(['store(2)']);
  });

  test('loops over lists and keys; the name is gone behind it', async () => {
    const world = makeWorld();
    const text = `${goal}for i in [1, 2]:\n  log("i", i)\nfor k in {"a": 1}:\n  log("k", k)\n`;
    await run(text, world);
    expect(world.log).toEqual(['log("i", 1)', 'log("i", 2)', 'log("k", "a")']);
  });

  test('a run stops where it is told to', async () => {
    const world = makeWorld();
    expect((await run(`${goal}store(1)\nstop_execution()\nstore(2)\n`, world)).code).toBe(0);
    expect(world.log).toEqual(['store(1)']);
  });
});

describe('steps', () => {
  test('two hangs and an answer: three attempts, back-off 100 and 200 ms, two aborts', async () => {
    const slow: Answer = (args, context, attempt) =>
      attempt < 3 ? hang(args, context, attempt) : ok('late but fine');
    const world = makeWorld({ reflect: slow });
    const outcome = await run(`${goal}workflow:\n  - reflect() as r retry=2 timeout=1s\n`, world);
    expect(outcome.code).toBe(0);
    expect(outcome.record.calls).toMatchObject([
      {
        attempts: 3,
        retry: 2,
        timeout: '1s',
        timeout_secs: 1,
        duration_ms: 2300,
        success: true,
        as: 'r',
      },
    ]);
    expect(world.slept.filter((ms) => ms < 1000)).toEqual([100, 200]);
    expect(world.aborts).toBe(2);
  });

  test('an answer after the timeout is discarded', async () => {
    const late: Answer = async () =>
      new Promise((resolve) => {
        void world.effects.sleep(1500, new AbortController().signal).then(() => {
          resolve(ok('late'));
        });
      });
    const world = makeWorld({ reflect: late });
    const outcome = await run(`${goal}workflow:\n  - reflect() as r timeout=1s\n`, world);
    expect(outcome.problem?.code).toBe('E_TIMEOUT_STEP');
    expect(outcome.record.calls[0]).toMatchObject({ success: false, error: { kind: 'Timeout' } });
  });

  test('a missing capability is found before the first attempt', async () => {
    const world = makeWorld();
    const outcome = await run(
      `${goal}workflow:\n  - reflect() requires=["disk.write"] retry=3\n`,
      world,
    );
    expect(outcome).toMatchObject({ code: 21, problem: { code: 'E_RUN_CAPABILITY' } });
    expect(outcome.record.calls[0]?.attempts).toBe(0);
    expect(world.log).toEqual([]);
  });

  test('a provider that throws has failed', async () => {
    const world = makeWorld({
      reflect: () => {
        throw new Error('boom');
      },
    });
    expect(await run(`${goal}reflect()\n`, world)).toMatchObject({
      code: 21,
      message: "'reflect' failed: boom",
    });
  });
});

describe('failures', () => {
  const rule = 'on_error:\n  - when: CallError\n    do: escalate_to("Ops")\n';

  test('stop ends with the original code, the rule ran once', async () => {
    const world = makeWorld({ store: () => failed() });
    const outcome = await run(`${goal}${rule}store(1)\nreflect()\n`, world);
    expect(outcome).toMatchObject({ code: 21, problem: { code: 'E_RUN_CALL_FAILED' } });
    expect(outcome.record.failures).toMatchObject([{ handled: true, line: 5 }]);
    expect(world.log).toEqual(['store(1)', 'escalate_to("Ops")']);
  });

  test('continue with a rule is handled: null, and 0 unless strict', async () => {
    const text = `${goal}policy:\n  on_error: "continue"\n${rule}a: store(1)\nlog("a", a)\n`;
    const world = makeWorld({ store: () => failed() });
    expect(await run(text, world)).toMatchObject({ code: 0, message: 'ok, 1 handled' });
    expect(world.log.at(-1)).toBe('log("a", null)');
    expect((await run(text, makeWorld({ store: () => failed() }), { strict: true })).code).toBe(21);
  });

  test('continue without a rule goes on and is not 0', async () => {
    const world = makeWorld({ store: () => failed() });
    const outcome = await run(
      `${goal}policy:\n  on_error: "continue"\nstore(1)\nreflect()\n`,
      world,
    );
    expect(outcome.code).toBe(21);
    expect(world.log).toEqual(['store(1)', 'reflect()']);
  });

  test('a rule that fails has handled nothing', async () => {
    const text = `${goal}policy:\n  on_error: "continue"\n${rule}store(1)\n`;
    const world = makeWorld({ store: () => failed(), escalate_to: () => failed() });
    expect((await run(text, world)).code).toBe(21);
  });

  test('rollback undoes every write of the run, last first', async () => {
    const world = makeWorld({ reflect: () => failed() });
    const text = `${goal}policy:\n  on_error: "rollback"\nstore(1)\nstore(2)\nreflect()\n`;
    const outcome = await run(text, world);
    expect(outcome.record.failures).toMatchObject([{ rolled_back: true }]);
    expect(world.log.slice(3)).toEqual(['undo store#2', 'undo store#1']);
  });
});

describe('transactions', () => {
  const second: Answer = (_args, _context, attempt) =>
    attempt === 2 ? failed() : ok('first', () => undone.push(attempt));
  let undone: number[] = [];

  test('the second write fails: the first is undone, names revert, nothing is sent', async () => {
    undone = [];
    const world = makeWorld({ store: second });
    const text = `${goal}policy:\n  on_error: "continue"\na: 1\ntransaction:\n  a: store(1)\n  escalate_to("Ops")\n  b: store(2)\nlog("a", a)\n`;
    const outcome = await run(text, world);
    expect(outcome.code).toBe(21);
    expect(outcome.record.failures).toMatchObject([{ rolled_back: true }]);
    expect(undone).toEqual([1]);
    expect(world.log).toEqual(['store(1)', 'store(2)', 'log("a", 1)']);
  });

  test('notifications wait for the commit', async () => {
    const world = makeWorld();
    await run(`${goal}transaction:\n  escalate_to("Ops")\n  store(1)\n`, world);
    expect(world.log).toEqual(['store(1)', 'escalate_to("Ops")']);
  });

  test('what cannot be undone is named', async () => {
    const stuck: Answer = () => ({ ok: true, value: 1, undo: async () => Promise.resolve(false) });
    const world = makeWorld({ store: stuck, run_plugin: () => failed() });
    const outcome = await run(`${goal}transaction:\n  store(1)\n  run_plugin("p")\n`, world);
    expect(outcome.problem).toMatchObject({
      code: 'E_RUN_ROLLBACK_FAILED',
      message: 'not undone: store#1',
    });
  });

  test('an interrupted run undoes its open transaction', async () => {
    const stop = new AbortController();
    const world = makeWorld({
      run_plugin: async (args, context, attempt) => {
        stop.abort();
        return hang(args, context, attempt);
      },
    });
    const text = `${goal}transaction:\n  store(1)\n  run_plugin("p")\n`;
    const outcome = await run(text, world, { signal: stop.signal });
    expect(outcome.interrupted).toBe(true);
    expect(world.log.at(-1)).toBe('undo store#1');
  });
});

describe('parallel parts', () => {
  test('start together, see the names of the start, and are recorded in source order', async () => {
    const order: string[] = [];
    const world = makeWorld({
      summarize: async ([text]) => {
        order.push(`start ${JSON.stringify(text)}`);
        await world.effects.sleep(text === 'a' ? 500 : 100, new AbortController().signal);
        order.push(`end ${JSON.stringify(text)}`);
        return ok(text ?? null);
      },
    });
    const outcome = await run(
      `${goal}parallel:\n  a: summarize("a")\n  b: summarize("b")\nawait a, b\n`,
      world,
    );
    expect(order).toEqual(['start "a"', 'start "b"', 'end "b"', 'end "a"']);
    expect(outcome.record.calls.map(({ args }) => args[0])).toEqual(['a', 'b']);
  });

  test('no more than allowed run at once', async () => {
    let running = 0;
    let most = 0;
    const world = makeWorld({
      summarize: async () => {
        running += 1;
        most = Math.max(most, running);
        await world.effects.sleep(10, new AbortController().signal);
        running -= 1;
        return ok(1);
      },
    });
    const parts = Array.from(
      { length: 9 },
      (_, at) => `  p${String(at)}: summarize(${String(at)})\n`,
    );
    await run(`${goal}parallel:\n${parts.join('')}`, world, { maxParallel: 3 });
    expect(most).toBe(3);
  });

  test('the first failure in source order counts, awaited or not', async () => {
    const world = makeWorld({ summarize: ([text]) => failed('CallError', JSON.stringify(text)) });
    const text = `${goal}parallel:\n  a: summarize("a")\n  b: summarize("b")\n`;
    expect((await run(text, world)).message).toBe(`'summarize' failed: "a"`);
    expect((await run(`${text}await b, a\n`, world)).message).toBe(`'summarize' failed: "a"`);
  });
});

describe('limits', () => {
  test('a loop without end in sight', async () => {
    expect(await run(`${goal}for i in range(0, 1000000):\n  x: i\n`)).toMatchObject({
      code: 21,
      problem: { code: 'E_RUN_MAX_STEPS' },
    });
  });

  test('a value that doubles for ever', async () => {
    const text = `${goal}x: "ab"\nfor i in range(0, 1000):\n  x: x + x\n`;
    expect((await run(text)).problem?.code).toBe('E_RUN_RANGE');
    const shared = `${goal}x: [1]\nfor i in range(0, 1000):\n  x: [x, x]\nlog("x", x)\n`;
    expect((await run(shared)).problem?.code).toBe('E_RUN_RANGE');
  });

  test('no limit is handled by a rule', async () => {
    const text = `${goal}policy:\n  on_error: "continue"\non_error:\n  - when: Error\n    do: reflect()\nfor i in range(0, 99):\n  x: i\n`;
    expect((await run(text, makeWorld(), { maxSteps: 20 })).problem?.code).toBe('E_RUN_MAX_STEPS');
  });

  test('generated scripts halt within their limits, with equal records', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), async (seed) => {
        const text = generateScript(makeRandom(seed), 30).join('\n');
        const twice = [makeWorld(), makeWorld()].map(async (world) =>
          run(text, world, { maxSteps: 60 }),
        );
        const [first, second] = await Promise.all(twice);
        expect(JSON.stringify(second)).toBe(JSON.stringify(first));
        expect(first?.record.steps).toBeLessThanOrEqual(61);
      }),
      { numRuns: 40 },
    );
  });
});

test('a plan names conditions, alternatives and loops, and calls nothing', () => {
  const text = `${goal}for p in available_plugins():\n  if check_confidence(p) > 0.5:\n    store(summarize(p))\n`;
  expect(renderPlan(planRun(checkString(text).script))).toBe(
    [
      'available_plugins()',
      'for each p in available_plugins()',
      '  check_confidence(p)',
      '  if check_confidence(p) > 0.5',
      '    summarize(p)',
      '    store(summarize(p))',
      '  otherwise',
      '',
    ].join('\n'),
  );
});
