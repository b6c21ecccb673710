import { expect, test } from 'vitest';
import { engineOf } from '../../src/cli/world.ts';

const [own, usual] = ['unix:///run/own.sock', 'unix:///run/usual.sock'];

test.each([
  { env: {}, want: { host: 'unix:///var/run/docker.sock' } },
  { env: { DOCKER_HOST: usual }, want: { host: usual } },
  { env: { DOCKER_HOST: usual, SEATRIAL_DOCKER_HOST: own }, want: { host: own } },
  { env: { DOCKER_HOST: usual, SEATRIAL_DOCKER_HOST: '' }, want: { host: usual } },
  {
    env: { DOCKER_HOST: '', SEATRIAL_DOCKER_CONFIG: '' },
    want: { host: 'unix:///var/run/docker.sock' },
  },
  {
    env: { SEATRIAL_DOCKER_HOST: own, SEATRIAL_DOCKER_CONFIG: '/etc/own' },
    want: { host: own, cliConfig: '/etc/own' },
  },
])('the engine of $env', ({ env, want }) => {
  expect(engineOf(env)).toEqual(want);
});
