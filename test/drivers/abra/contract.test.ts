// What every driver promises and abra's part of it changes: the rest is the Swarm driver's own, and tested
// there. The recipe of these tests answers nobody, so cases that ask it over HTTP are the Swarm driver's too.

import { describe, expect, it } from 'vitest';

import { contract } from '../contract.ts';
import { engineHost } from '../docker/engine-here.ts';
import { makeAbraSubject } from './subject.ts';

const titles = new Set([
  'rendering is repeatable, tells releases apart and has no effect',
  'an equal upgrade changes nothing',
  'rebuild makes every unit anew and keeps data',
  'backup, destroy and restore give back an equal listing',
  'removal from another driver object leaves nothing, twice and in any order',
  'removal while the app starts leaves nothing',
  'secrets are held by the app and shown nowhere',
]);
const cases = contract.filter(({ title }) => titles.has(title));

describe.skipIf(engineHost === undefined)('on a real engine', () => {
  describe('abra: contract of drivers', () => {
    it('has every case that is named here', () => {
      expect(cases).toHaveLength(titles.size);
    });

    it.each(cases)('$title', { timeout: 240_000 }, async ({ run }) => {
      const subject = makeAbraSubject();
      try {
        await run(subject);
      } finally {
        await subject.dispose();
      }
    });
  });
});
