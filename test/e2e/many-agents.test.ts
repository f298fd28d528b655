import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Injectable, Module, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { RevragWebhookModule, RevragWebhookService } from 'nestjs-revrag-webhook';
import { RevragTelemetryModule } from 'nestjs-revrag-webhook/opentelemetry';
import { callEnded, type SignDeliveryOptions } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { startClockedApp } from '../support/clocked-app.js';
import type { ManualClock } from '../support/manual-clock.js';
import { openRequest } from '../support/raw-request.js';
import { recorder, type Recording } from '../support/recorder.js';
import { genuine, post, type Reply } from '../support/send.js';
import { useTelemetry } from '../support/telemetry.js';

const AGENTS = 10_000;
const SENDING = 300;
/** Questions for names that the process has not seen: a burst, then so many a second. */
const BURST = 1_000;
const PER_SECOND = 100;
const AT_ONCE = 32;

const agent = (number: number) => `agent_${number}`;
const secretOf = (name: string) => `whsec_of_${name}`;
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** As a table of the app's: it answers later. */
@Injectable()
class AgentRepository {
  private readonly secrets = new Map(upTo(AGENTS).map(i => [agent(i), secretOf(agent(i))]));
  readonly asked = new Map<string, number>();
  private asking = 0;
  mostAtOnce = 0;

  async find(name = ''): Promise<string | null> {
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
    this.mostAtOnce = Math.max(this.mostAtOnce, (this.asking += 1));
    await turn();
    this.asking -= 1;
    return this.secrets.get(name) ?? null;
  }

  get questions(): number {
    return [...this.asked.values()].reduce((sum, times) => sum + times, 0);
  }
}

@Module({ providers: [AgentRepository], exports: [AgentRepository] })
class AgentsModule {}

/** An app of a bank, which adds agents without deploying. */
class Bank {
  private constructor(
    private readonly app: INestApplication,
    private readonly url: string,
    readonly clock: ManualClock,
    readonly received: readonly Recording[],
  ) {}

  static async start(imports: ModuleMetadata['imports'] = []): Promise<Bank> {
    const { Calls, received } = recorder();
    const { app, url, clock } = await startClockedApp({
      imports: [
        RevragWebhookModule.forRootAsync({
          path: 'webhooks/revrag/:agent',
          imports: [AgentsModule],
          inject: [AgentRepository],
          useFactory: (repository: AgentRepository) => ({
            secret: ({ params }) => repository.find(params.agent),
          }),
        }),
        ...imports,
      ],
      providers: [Calls],
    });
    return new Bank(app, url, clock, received);
  }

  get agents(): AgentRepository {
    return this.app.get(AgentRepository, { strict: false });
  }

  pathOf(name: string): string {
    return `${this.url}/webhooks/revrag/${name}`;
  }

  sign(name: string, options: Partial<SignDeliveryOptions> = {}) {
    const timestamp = new Date(this.clock.now());
    return genuine({ secret: secretOf(name), timestamp, body: callEnded(), ...options });
  }

  send(name: string, options: Partial<SignDeliveryOptions> = {}): Promise<Reply> {
    return post(this.pathOf(name), this.sign(name, options));
  }

  /** As many deliveries as a flood has, without its sockets; how many got which code. */
  async flood(names: readonly string[]): Promise<Record<string, number>> {
    const service = this.app.get(RevragWebhookService);
    const { body, headers } = this.sign('nobody');
    const codes: Record<string, number> = {};
    const receive = async (name: string) => {
      const outcome = await service.receive(body, { ...headers }, { params: { agent: name } });
      const code = outcome.status === 'refused' ? outcome.error.code : outcome.status;
      codes[code] = (codes[code] ?? 0) + 1;
    };
    for (let from = 0; from < names.length; from += 500) {
      await Promise.all(names.slice(from, from + 500).map(receive));
    }
    return codes;
  }
}

const invented = (count: number, round = 0) => upTo(count).map(i => `invented_${round}_${i}`);
const statuses = (replies: readonly Reply[]) => [...new Set(replies.map(one => one.status))];

describe(`an endpoint for ${AGENTS} agents, whose secrets are in a repository`, () => {
  it('takes the deliveries of many at once, and asks once for each agent', async () => {
    const bank = await Bank.start();
    const { agents, received } = bank;
    const names = upTo(SENDING).map(i => agent(i * 31));
    // The same bytes under the same id: only the agent tells these deliveries apart.
    const call = { id: 'evt_1', body: callEnded() };
    const first = await Promise.all(names.map(name => bank.send(name, call)));
    expect(statuses(first)).toEqual([200]);
    expect(received.map(({ delivery }) => delivery.params.agent).sort()).toEqual(names.sort());
    const again = await Promise.all(names.map(name => bank.send(name, call)));
    expect(new Set(again.map(({ body }) => body.status))).toEqual(new Set(['duplicate']));
    expect(received).toHaveLength(SENDING);
    expect(agents.asked.size).toBe(SENDING);
    expect(agents.questions).toBe(SENDING);
    expect(agents.mostAtOnce).toBeLessThanOrEqual(AT_ONCE);
  });

  it('takes no delivery that is signed with the secret of another agent', async () => {
    const bank = await Bank.start();
    expect(await post(bank.pathOf(agent(2)), bank.sign(agent(1)))).toMatchObject({
      status: 401,
      body: { code: 'signature_mismatch' },
    });
    expect(bank.received).toEqual([]);
  });

  it('answers unknown names 404 before their body arrives', async () => {
    const bank = await Bank.start();
    const headers = { ...bank.sign('nobody').headers, 'content-length': '1000000' };
    const heads = invented(100).map(name => openRequest(bank.pathOf(name), headers));
    const replies = await Promise.all(heads.map(head => head.reply));
    for (const head of heads) head.destroy();
    expect(statuses(replies)).toEqual([404]);
    expect(replies[0]!.body).toMatchObject({ code: 'unknown_endpoint' });
    // The name is known to be unknown.
    expect(await bank.send(invented(8)[7]!)).toMatchObject({ status: 404 });
    expect(bank.agents.questions).toBe(100);
  });

  it('asks for invented names at a bounded rate, which costs known agents nothing', async () => {
    const bank = await Bank.start();
    await bank.send(agent(1));
    expect(await bank.flood(invented(5_000))).toEqual({
      unknown_endpoint: BURST - 1,
      secret_unavailable: 5_000 - (BURST - 1),
    });
    expect(bank.agents.questions).toBe(BURST);
    expect(bank.agents.mostAtOnce).toBeLessThanOrEqual(AT_ONCE);
    expect(await bank.send(agent(1))).toMatchObject({ status: 200 });
    const newcomer = await bank.send(agent(2));
    expect(newcomer.status).toBe(503);
    expect(Number(newcomer.headers.get('retry-after'))).toBeGreaterThan(0);

    await bank.clock.pass(1_000);
    expect(await bank.send(agent(2))).toMatchObject({ status: 200 });
    await bank.flood(invented(5_000, 1));
    expect(bank.agents.questions).toBe(BURST + PER_SECOND);
  });

  it('keeps no memory of invented names', async () => {
    const bank = await Bank.start();
    await bank.flood(invented(5_000));
    const before = await heldMemory();
    await bank.flood(invented(50_000, 1));
    expect((await heldMemory()) - before).toBeLessThan(5_000_000);
  });

  describe('with metrics', () => {
    const telemetry = useTelemetry();

    it('has no agent and no invented name among their attributes', async () => {
      const bank = await Bank.start([RevragTelemetryModule]);
      await Promise.all(invented(50).map(name => bank.send(name)));
      await Promise.all(upTo(50).map(i => bank.send(agent(i))));
      const points = await telemetry.current.points('revrag.webhook.deliveries');
      expect(points).toHaveLength(2);
      const metrics = JSON.stringify(await telemetry.current.metrics());
      expect(metrics).not.toMatch(/agent_\d|invented/);
    });
  });
});

async function heldMemory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let count = 0; count < 4; count += 1) {
    await turn();
    collect();
  }
  return process.memoryUsage().heapUsed;
}
