import { Injectable } from '@nestjs/common';
import { OnCallEnded } from 'nestjs-revrag-webhook';
import { RevragTelemetryModule } from 'nestjs-revrag-webhook/opentelemetry';
import { expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { deferred, until } from '../../support/deferred.js';
import { useTelemetry } from '../../support/telemetry.js';

const telemetry = useTelemetry();
const stuckHandlers = () => telemetry.current.points('revrag.webhook.stuck_handlers');

it('counts the handlers that are stuck, and no others of the delivery', async () => {
  const save = deferred();
  const bill = deferred();
  @Injectable()
  class Calls {
    started = false;

    @OnCallEnded()
    save() {
      return save.promise;
    }

    @OnCallEnded()
    bill() {
      this.started = true;
      return bill.promise;
    }

    @OnCallEnded()
    notify() {
      throw new Error('no such number');
    }
  }
  const options = { handlerTimeout: 5_000, graceTimeout: 10_000 };
  const { app, receive, clock, logs } = await startContext([Calls], options, {
    imports: [RevragTelemetryModule],
  });
  void receive({ id: 'a' });
  await until(() => app.get(Calls).started);
  await clock.pass(14_999);
  expect(await stuckHandlers()).toEqual([]);
  await clock.pass(1);
  const pointOf = (handler: string, value: number) => ({
    attributes: { 'revrag.webhook.handler': `Calls.${handler}` },
    value,
  });
  expect(await stuckHandlers()).toMatchObject([pointOf('save', 1), pointOf('bill', 1)]);
  const line = logs.of('error').find(text => text.includes('default: stuck'));
  expect(line).toMatch(/^Handlers Calls\.save, Calls\.bill for a on default: stuck/);
  save.resolve();
  await clock.pass(1);
  expect(await stuckHandlers()).toMatchObject([pointOf('save', 0), pointOf('bill', 1)]);
  bill.reject(new Error('too late'));
  await clock.pass(1);
  expect(await stuckHandlers()).toMatchObject([pointOf('save', 0), pointOf('bill', 0)]);
});
