import { describe, expect, it } from 'vitest';

import { type Faulty, openFaultyOn, perform } from '../docker/faulty.ts';
import { engineHost } from '../docker/engine-here.ts';
import { type AbraSubject, makeAbraSubject } from './subject.ts';

const settling = { settleMs: 500, timeoutMs: 60_000 };
const options = { timeout: 120_000 };

async function using(
  subject: AbraSubject,
  work: (app: Faulty) => Promise<void>,
  left: readonly string[] = [],
): Promise<void> {
  const app = await openFaultyOn(subject);
  try {
    await work(app);
  } finally {
    expect(await app.remove()).toEqual(left);
  }
}

/** A shell script in which one of abra's commands does something else; its help only where that is named. */
const instead = (command: string, script: string): string =>
  `case "$*" in
  "${command}") ${script} ;;
  *--help) exec "$ABRA" "$@" ;;
  "${command} "*) ${script} ;;
  *) exec "$ABRA" "$@" ;;
esac`;

/** As above, from the second deployment on. */
const secondDeploy = (script: string): string =>
  instead(
    'app deploy',
    `if [ -e "$ABRA_DIR/once" ]; then ${script}; fi; touch "$ABRA_DIR/once"; exec "$ABRA" "$@"`,
  );

const onEngine = describe.skipIf(engineHost === undefined);

onEngine('abra: an app through its life', () => {
  it('is what the recipe says, and abra takes it back', options, async () => {
    const subject = makeAbraSubject();
    await using(subject, async (app) => {
      expect(await perform(app, 'install', settling)).toMatchObject({
        ...{ done: 'passed', converged: 'passed', identity: 'passed' },
      });
      expect(await perform(app, 'upgrade', settling)).toMatchObject({
        ...{ done: 'passed', converged: 'passed', identity: 'passed' },
        ...{ applied: 'passed', orphans: 'passed' },
      });
      const { claims } = (await app.deployment.observe()).services['app'] ?? {};
      const stack = `${app.context.instance}_seatrial_test`;
      const commit = subject.head.release.commit?.slice(0, 8);
      expect(claims?.[`coop-cloud.${stack}.chaos-version`]).toBe(commit);
      expect(subject.hidden.get('token')).toMatch(/^[0-9a-f]{24}$/);
    });
  });

  it('says which abra it is, and that a stand-in is no evidence', async () => {
    const subject = makeAbraSubject();
    const driver = subject.driver();
    expect([driver.fake, driver.version]).toEqual([true, '1']);
    await driver.capabilities((await subject.open()).context.settings);
    expect(driver.fake).toBe(true);
    expect(driver.version).toMatch(/^1, abra 0\.0\.0-stand-in sha256:[0-9a-f]{64}$/);
    await subject.dispose();
  });

  it('counts runs with any other abra', async () => {
    const abra = instead('--version', 'echo abra version 0.11.0');
    const subject = makeAbraSubject({ abra });
    const driver = subject.driver();
    await driver.capabilities((await subject.open()).context.settings);
    expect(driver.fake).toBe(false);
    await subject.dispose();
  });
});

const unusable = [
  { title: 'no abra', abra: 'none', says: 'the program abra is not installed' },
  {
    title: 'an abra without a flag',
    abra: instead('app deploy --help', 'echo "  --no-input"'),
    says: 'abra app deploy has no --chaos, --no-domain-checks, --no-converge-checks',
  },
];

onEngine('abra: what the testbed lacks', () => {
  it.each(unusable)('$title is no failure of the app', async ({ abra, says }) => {
    const subject = makeAbraSubject({ abra });
    const { settings } = (await subject.open()).context;
    await expect(subject.driver().capabilities(settings)).rejects.toMatchObject({
      ...{ code: 'unavailable', message: says },
      hint: expect.any(String) as string,
    });
    await subject.dispose();
  });
});

const refused = [
  {
    title: 'abra app new that ends with a failure',
    abra: instead('app new', 'echo broken; exit 4'),
    answer: { done: 'error', cause: 'unavailable' },
  },
  {
    title: 'abra app new that makes no app',
    abra: instead('app new', 'exit 0'),
    answer: { done: 'error', cause: 'unavailable' },
  },
  {
    title: 'a fatal line with exit code 0',
    abra: instead('app deploy', 'echo "FATA something is wrong"; exit 0'),
    answer: { done: 'failed', cause: 'app-failed' },
  },
  {
    title: 'a deployment that ends with a failure',
    abra: instead('app deploy', 'exit 1'),
    answer: { done: 'failed', cause: 'app-failed' },
  },
  {
    title: 'secrets that are said to be made',
    abra: instead('app secret generate', `echo '[{"name":"token","value":"abcdef"}]'`),
    answer: { done: 'error', cause: 'unavailable' },
  },
  {
    title: 'secrets whose values nobody tells',
    abra: instead('app secret generate', '"$ABRA" "$@" > /dev/null'),
    answer: { done: 'error', cause: 'unavailable' },
  },
  {
    title: 'a checkout that is moved after it was looked at',
    abra: instead(
      'app deploy',
      'git -C "$ABRA_DIR/recipes/wharf" checkout -q 2.0.0; exec "$ABRA" "$@"',
    ),
    answer: { done: 'error', cause: 'foreign-change' },
  },
  {
    title: 'a checkout that secrets made dirty',
    abra: instead(
      'app secret generate',
      'echo >> "$ABRA_DIR/recipes/wharf/compose.yml"; exec "$ABRA" "$@"',
    ),
    answer: { done: 'error', cause: 'foreign-change' },
  },
];

onEngine('abra: deployments that fail', { concurrent: true }, () => {
  it.for(refused)('$title', options, async ({ abra, answer }) => {
    await using(makeAbraSubject({ abra }), async (app) => {
      const seen = await perform(app, 'install', settling);
      expect(seen, seen.message).toMatchObject(answer);
    });
  });
});

onEngine('abra: deployments that disobey', { concurrent: true }, () => {
  it('FG-02: an upgrade that does nothing and says that it did', options, async () => {
    await using(makeAbraSubject({ abra: secondDeploy('exit 0') }), async (app) => {
      expect(await perform(app, 'install', settling)).toMatchObject({ identity: 'passed' });
      const seen = await perform(app, 'upgrade', settling);
      expect(seen).toMatchObject({ done: 'passed', identity: 'failed', applied: 'failed' });
    });
  });

  it('an installation that does nothing and says that it did', options, async () => {
    const abra = instead('app deploy', 'exit 0');
    await using(makeAbraSubject({ abra }), async (app) => {
      const seen = await perform(app, 'install', { settleMs: 500, timeoutMs: 3000 });
      expect(seen.done === 'passed' && seen.identity === 'passed').toBe(false);
    });
  });

  it('FG-01: another release than the one that is checked out', options, async () => {
    const recipe = '"$ABRA_DIR/recipes/wharf"';
    const other = `git -C ${recipe} checkout -q 2.0.0; "$ABRA" "$@"; git -C ${recipe} checkout -q 1.0.0`;
    await using(makeAbraSubject({ abra: instead('app deploy', other) }), async (app) => {
      const seen = await perform(app, 'install', settling);
      expect(seen).toMatchObject({ done: 'passed', identity: 'failed' });
    });
  });

  it('a removal that abra refuses goes by force', options, async () => {
    const subject = makeAbraSubject({ abra: instead('app undeploy', 'echo FATA no; exit 1') });
    const app = await openFaultyOn(subject);
    expect(await perform(app, 'install', settling)).toMatchObject({ identity: 'passed' });
    expect(await app.remove()).toEqual([`forced deployment ${app.context.instance}`]);
  });
});
