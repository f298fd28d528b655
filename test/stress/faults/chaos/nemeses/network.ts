import { setTimeout as delay } from 'node:timers/promises';
import type { FreezingProxy } from '../../../../support/freezing-proxy.js';
import { now } from '../history.js';
import { LEASE_MS } from '../scene.js';
import { nemesis, outage, type Nemesis } from './nemesis.js';

export const network = (proxy: FreezingProxy): Nemesis[] => [
  outage('partition', () => proxy.freeze(), proxy.thaw),
  outage('requests lost', () => proxy.freeze('requests'), proxy.thaw),
  outage('replies lost', () => proxy.freeze('replies'), proxy.thaw),
  // Connections die in silence; new ones work at once.
  nemesis('half-open connections', async scene => {
    const from = now();
    proxy.abandon();
    await delay(LEASE_MS * 2);
    proxy.bury();
    scene.faults.push({ kind: 'outage', from, to: now() });
  }),
];
