// What the proof about a gateway is made from: which process there is, and what it tells of itself.

import type { JsonObject, PackContext } from 'seatrial';
import { lookAtGateway, none } from '../checks/look-gateway.ts';
import { objectIn } from '../checks/look-sandbox.ts';

export const gatewayComponent = 'openshell-gateway';

/**
 * Only where the instance is about the gateway itself: elsewhere the head's gateway runs from the beginning, and a
 * sandbox that is old is no less old for it.
 */
export async function observeGateway(context: PackContext): Promise<readonly JsonObject[]> {
  const onboarding = objectIn(objectIn(context.manifest?.['spec'])['onboarding']);
  if (onboarding['lifecycle'] !== 'gateway-upgrade') return [];
  const { process, executable, version } = await lookAtGateway(context);
  if ([process, executable, version].includes(none)) return [];
  return [
    {
      schema: 'seatrial.instance/v1',
      ...{ component: gatewayComponent, name: `gateway-${context.suffix}` },
      ...{ id: process, content: executable, version, probe: 'status on the socket' },
    },
  ];
}
