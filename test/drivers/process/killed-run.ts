// Installs the counter and prints its resources, then waits to be killed: see driver.test.ts.

import { makeProcessSubject } from './subject.ts';

const token = process.argv[2] ?? '';
const subject = await makeProcessSubject({ env: { COUNTER_MODE: 'daemon', COUNTER_TOKEN: token } });
const { context, resources } = await subject.open();
const deployment = await subject.driver().open(context);
const { signal } = new AbortController();
await deployment.install(subject.base, 'base', signal);
await deployment.settled({ settleMs: 0, timeoutMs: 20_000, signal });
const told = { folder: subject.folder, run: context.run, resources: resources() };
process.stdout.write(`${JSON.stringify(told)}\n`);
setInterval(() => undefined, 60_000);
