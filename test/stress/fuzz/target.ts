import { Injectable, type INestApplication, type LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  MemoryIdempotencyStore,
  OnRevragEvent,
  RevragWebhookModule,
  RevragWebhookService,
  type Delivery,
} from 'nestjs-revrag-webhook';
import { Clock } from '../../../lib/core/common/clock.js';
import { OutcomeLog } from '../../../lib/core/delivery/outcome-log.js';
import { InFlight } from '../../../lib/core/delivery/in-flight.js';
import { ManualClock } from '../../support/manual-clock.js';
import type { Terms } from './oracle.js';
import { CANARY } from './payloads.js';

export const SECRETS = ['whsec_fuzz_new_5b1f', 'whsec_fuzz_old_c04e'];
export const BODY_LIMIT = 64 * 1024;

interface Seen {
  readonly payload: unknown;
  readonly delivery: Delivery;
}

/** The handler: keeps what it saw until it is asked. */
@Injectable()
export class Witness {
  private seen: Seen[] = [];

  @OnRevragEvent('*')
  note(payload: unknown, delivery: Delivery) {
    this.seen.push({ payload, delivery });
  }

  /** What was seen of a delivery, each once. */
  take(body: Buffer): Seen[] {
    const taken = this.seen.filter(({ delivery }) => delivery.rawBody.equals(body));
    this.seen = this.seen.filter(one => !taken.includes(one));
    return taken;
  }

  /** Whatever was seen and not asked for. */
  takeAll(): Seen[] {
    const all = this.seen;
    this.seen = [];
    return all;
  }

  get left(): number {
    return this.seen.length;
  }
}

/** Holds every line against what must not be in it, and keeps none. */
class Watch implements LoggerService {
  readonly leaks: string[] = [];

  log = (...parts: unknown[]) => this.look(parts);
  warn = this.log;
  error = this.log;
  fatal = this.log;
  debug = this.log;
  verbose = this.log;

  private look(parts: unknown[]): void {
    const line = parts.map(String).join(' ');
    // eslint-disable-next-line no-control-regex
    if (holdsSecret(line) || /[\u0000-\u001f\u007f]/.test(line)) this.leaks.push(line);
  }
}

/** Whether payload text or a secret is in what goes out. */
export const holdsSecret = (text: string): boolean =>
  text.includes(CANARY) || SECRETS.some(secret => text.includes(secret));

export interface Target {
  readonly app: INestApplication;
  readonly service: RevragWebhookService;
  readonly witness: Witness;
  readonly watch: Watch;
  readonly terms: Terms;
  /** What should be nothing when nothing is under way. */
  idle(): { inFlight: number; timers: number; unclaimed: number };
}

/** An app with all that belongs to it, whose time stands still and whose store stays small. */
export async function startTarget(): Promise<Target> {
  const clock = new ManualClock();
  const watch = new Watch();
  const store = new MemoryIdempotencyStore({ maxEntries: 2000, now: () => clock.now() });
  const idempotency = { store };
  const module = await Test.createTestingModule({
    imports: [
      RevragWebhookModule.forRoot({
        secret: SECRETS,
        bodyLimit: BODY_LIMIT,
        // Strictly, so that each break of the contract shows in the answer.
        validation: 'strict',
        idempotency,
      }),
    ],
    providers: [Witness],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .setLogger(watch)
    .compile();
  const app = module.createNestApplication();
  await app.init();
  const witness = app.get(Witness);
  const inFlight = app.get(InFlight);
  return {
    app,
    witness,
    watch,
    service: app.get(RevragWebhookService),
    terms: { secrets: SECRETS, now: clock.now() },
    idle: () => {
      // Counts refusals for the log until the minute is over.
      app.get(OutcomeLog).onApplicationShutdown();
      return { inFlight: inFlight.size, timers: clock.pending, unclaimed: witness.left };
    },
  };
}
