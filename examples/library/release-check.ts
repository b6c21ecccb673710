// Seatrial from TypeScript: plan, run, and decide. Compiled and run by the test suite.

import { plan, run, verify } from 'seatrial';

const options = {
  manifest: process.argv[2] ?? 'seatrial.yaml',
  store: process.argv[3] ?? '.seatrial',
};

const planned = await plan(options);
console.log(`${planned.app}: ${String(planned.expected.length)} checks expected`);

const { run: id, state } = await run({
  ...options,
  onRecord: (record) => {
    if (record.type === 'operation.ended')
      console.log(`${record.data.operation}: ${record.data.outcome}`);
  },
});

const { ok } = await verify({ store: options.store, run: id });
console.log(`verdict ${state.verdict}, bundle ${ok ? 'sound' : 'NOT SOUND'}`);
process.exitCode = state.exitCode;
