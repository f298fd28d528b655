import type { RevragEvent } from 'nestjs-revrag-webhook';
import { expect, it } from 'vitest';
import { Announcements } from '../../../../lib/core/delivery/announcements.js';

const eventOf = (type: string) => ({ type }) as RevragEvent;

it('emits each delivery once for each of its types', () => {
  const announcements = new Announcements();
  const emitted: string[] = [];
  announcements.events$.subscribe(({ type }) => emitted.push(type));
  for (const type of ['call.ended', 'call.ended', 'call.started', 'call.ended']) {
    announcements.announce('key', eventOf(type));
  }
  announcements.announce('other', eventOf('call.ended'));
  expect(emitted).toEqual(['call.ended', 'call.started', 'call.ended']);
});

it('emits to a later subscriber what nobody got before', () => {
  const announcements = new Announcements();
  announcements.announce('key', eventOf('call.ended'));
  const emitted: string[] = [];
  announcements.events$.subscribe(({ type }) => emitted.push(type));
  announcements.announce('key', eventOf('call.ended'));
  announcements.announce('key', eventOf('call.ended'));
  expect(emitted).toEqual(['call.ended']);
});
