import { describe } from 'vitest';

import { swarmOrchestrator } from '../../../src/drivers/swarm/orchestrator.ts';
import { describeDriver } from '../contract.ts';
import { engineHost } from '../docker/engine-here.ts';
import { makeDockerSubject } from '../docker/subject.ts';

describe.skipIf(engineHost === undefined)('on a real engine', () => {
  describeDriver('swarm', () => makeDockerSubject(swarmOrchestrator));
});
