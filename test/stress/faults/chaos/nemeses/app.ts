import { setTimeout as delay } from 'node:timers/promises';
import { now } from '../history.js';
import { LEASE_MS, RELEASES } from '../scene.js';
import { harmTime, nemesis, type Nemesis } from './nemesis.js';

export const APP_NEMESES: readonly Nemesis[] = [
  nemesis('SIGKILL', async (scene, random) => {
    const target = random.pick(scene.targets);
    const pid = await target.instance.end('SIGKILL');
    scene.faults.push({ kind: 'exit', pid, at: now(), isCrash: true });
    await delay(random.int(0, LEASE_MS));
    await scene.boot(target, target.handlers);
  }),
  nemesis('SIGSTOP', async (scene, random) => {
    const { instance } = random.pick(scene.targets);
    const { pid } = instance;
    const from = now();
    instance.signal('SIGSTOP');
    await delay(LEASE_MS + random.int(500, LEASE_MS));
    instance.signal('SIGCONT');
    scene.faults.push({ kind: 'pause', pid, from, to: now() });
  }),
  // The process notes itself for how long it stood still.
  nemesis('blocked event loop', async (scene, random) => {
    const block = LEASE_MS + random.int(200, 1_000);
    random.pick(scene.targets).instance.send({ block });
    await delay(block);
  }),
  nemesis('rolling deploy', async (scene, random) => {
    for (const target of scene.targets) {
      await scene.shutDown(target);
      await scene.boot(target, target === scene.targets[0] ? RELEASES[0] : random.pick(RELEASES));
    }
  }),
  // A retry of the queue waits longer by as much as the clock that scheduled it was fast.
  nemesis('clock step', async (scene, random) => {
    const { instance } = random.pick(scene.targets);
    const seconds = random.int(5, 20);
    instance.send({ clock: (random.chance(0.5) ? seconds : -seconds) * 1_000 });
    await delay(harmTime(random));
    instance.send({ clock: 0 });
  }),
];
