import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from '../../../../support/servers/server-process.js';
import type { Random } from '../../../fuzz/random.js';
import { now } from '../history.js';
import { LEASE_MS, type Scene } from '../scene.js';

/** Does harm, waits, and mends it. */
export interface Nemesis {
  readonly name: string;
  strike(scene: Scene, random: Random): Promise<void>;
}

export const nemesis = (name: string, strike: Nemesis['strike']): Nemesis => ({ name, strike });

/** Shorter and longer than a lease. */
export const harmTime = (random: Random): number => random.int(LEASE_MS / 4, LEASE_MS * 2);

/** Something that keeps a server from answering, for a while. */
export const outage = (name: string, harm: () => unknown, mend: () => unknown): Nemesis =>
  nemesis(name, async (scene, random) => {
    const from = now();
    try {
      await harm();
      await delay(harmTime(random));
    } finally {
      await mend();
      scene.faults.push({ kind: 'outage', from, to: now() });
    }
  });

export const killed = (name: string, server: ServerProcess): Nemesis =>
  outage(
    name,
    () => server.kill(),
    () => server.start(),
  );
