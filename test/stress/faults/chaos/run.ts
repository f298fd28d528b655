import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../fuzz/random.js';
import { check, PATIENCE_MS, type Verdict } from './checker.js';
import { type History } from './history.js';
import { APP_NEMESES } from './nemeses/app.js';
import type { Nemesis } from './nemeses/nemesis.js';
import { Provider } from './provider.js';
import { LEASE_MS, Scene } from './scene.js';
import type { System } from './systems.js';

/** Lines on which the provider sends at once. */
const LINES = 8;
/** Events that are sent at least, on however busy a machine. */
const EVENTS = 80;

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
}

export interface Report extends Verdict {
  readonly sent: number;
  readonly seconds: number;
  readonly history: History;
  /** How often each nemesis struck, by its name. */
  readonly strikes: ReadonlyMap<string, number>;
}

/** Two sequences of nemeses at once, one for the app and one for its servers, each made by the seed. */
export async function runChaos(
  startSystem: () => Promise<System>,
  { seed, seconds }: ChaosOptions,
): Promise<Report> {
  const system = await startSystem();
  let scene: Scene | undefined;
  try {
    scene = await Scene.start(system.wiring);
    return await playOn(scene, system, { seed, seconds });
  } finally {
    await scene?.dispose();
    await system.dispose();
  }
}

async function playOn(scene: Scene, system: System, options: ChaosOptions): Promise<Report> {
  const { seed, seconds } = options;
  const provider = new Provider(scene.targets, index => new Random(seed, 2 + index));
  const sending = provider.run(LINES);
  const strikes = new Map<string, number>();
  const until = Date.now() + seconds * 1_000;
  const lane = async (nemeses: readonly Nemesis[], random: Random): Promise<void> => {
    for (const nemesis of endlessly(nemeses, random)) {
      await delay(random.int(200, 1_500));
      if (Date.now() > until) return;
      await nemesis.strike(scene, random);
      strikes.set(nemesis.name, (strikes.get(nemesis.name) ?? 0) + 1);
    }
    await delay(until - Date.now());
  };
  await Promise.all([
    lane(APP_NEMESES, new Random(seed, 0)),
    lane(system.nemeses, new Random(seed, 1)),
  ]);
  while (provider.sent.length < EVENTS) await delay(50);
  provider.stop(PATIENCE_MS);
  await sending;
  const history = await settled(scene, provider, system.mode);
  return { ...check(history), history, sent: provider.sent.length, seconds, strikes };
}

/** All of the list in an order of the seed's, again and again. */
function* endlessly(nemeses: readonly Nemesis[], random: Random): Generator<Nemesis> {
  while (nemeses.length > 0) {
    const left = [...nemeses];
    while (left.length > 0) yield left.splice(random.int(0, left.length - 1), 1)[0]!;
  }
}

/** The history, once what was promised is done, or has had its time. */
async function settled(scene: Scene, { sent }: Provider, mode: History['mode']): Promise<History> {
  const { log, hung } = scene;
  let until = Date.now() + PATIENCE_MS;
  for (let known = -1; ;) {
    log.read();
    // A busy machine takes its time; what matters is that it goes on.
    if (log.effects > known) until = Date.now() + PATIENCE_MS;
    known = log.effects;
    const faults = [...scene.faults, ...log.stalls];
    const { runs, rss } = log;
    const { crashes } = scene;
    const history = { mode, lease: LEASE_MS, sent, runs, faults, rss, crashes, hung };
    const isDone = check(history).violations.every(({ kind }) => kind !== 'lost');
    if (isDone || Date.now() > until) return history;
    await delay(500);
  }
}
