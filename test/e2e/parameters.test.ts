import { RevragWebhookModule, type RevragWebhookOptions } from 'nestjs-revrag-webhook';
import { expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { recorder } from '../support/recorder.js';
import { genuine, post } from '../support/send.js';

async function start(secret: RevragWebhookOptions['secret']) {
  const { Calls, received } = recorder();
  const { url } = await startApp(
    {
      imports: [RevragWebhookModule.forRoot({ secret, path: 'hooks/:agent' })],
      providers: [Calls],
    },
    {},
    app => void app.setGlobalPrefix('t/:tenant'),
  );
  return { url, received };
}

const ADDRESSES = ['/t/acme/hooks/loans', '/t/acme/hooks/cards', '/t/other/hooks/loans'];

it('a captured delivery does not run again under parameters that no secret depends on', async () => {
  const { url, received } = await start(SECRET);
  const delivery = genuine();
  const statuses: unknown[] = [];
  for (const path of ADDRESSES) {
    const { body } = await post(url + path, delivery);
    statuses.push(body.status);
  }
  expect(statuses).toEqual(['processed', 'duplicate', 'duplicate']);
  expect(received.map(({ delivery: { params } }) => params)).toEqual([
    { tenant: 'acme', agent: 'loans' },
  ]);
});

it('deliveries of agents whose secret a function looks up are never the same', async () => {
  const { url, received } = await start(({ params }) => (params.agent ? SECRET : undefined));
  const delivery = genuine();
  for (const path of ADDRESSES) {
    expect((await post(url + path, delivery)).body.status).toBe('processed');
  }
  expect(received).toHaveLength(3);
});
