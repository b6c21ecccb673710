import { describe } from 'vitest';

import { composeOrchestrator } from '../../../src/drivers/compose/orchestrator.ts';
import { describeDriver } from '../contract.ts';
import { engineHost } from '../docker/engine-here.ts';
import { makeDockerSubject } from '../docker/subject.ts';

describe.skipIf(engineHost === undefined)('on a real engine', () => {
  describeDriver('compose', () => makeDockerSubject(composeOrchestrator));
});
