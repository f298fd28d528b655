import { RevragWebhookModule, type CallEndedDto } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { expect, it } from 'vitest';
import { SECRET, startApp } from '../../support/app.js';
import { recorder } from '../../support/recorder.js';
import { PATH, genuine, post } from '../../support/send.js';

it('an integer beyond 2^53 is rounded in the call, and whole in the signed bytes', async () => {
  const { Calls, received } = recorder();
  const imports = [RevragWebhookModule.forRoot(SECRET)];
  const { url } = await startApp({ imports, providers: [Calls] });
  const call = JSON.stringify(callEnded({ custom_metadata: { account: 1234567 } }));
  const body = call.replace('1234567', '9007199254740993');
  expect(await post(url + PATH, genuine({ body }))).toMatchObject({ status: 200 });
  const { payload, delivery } = received[0]!;
  expect((payload as CallEndedDto).extra).toMatchObject({
    custom_metadata: { account: 9007199254740992 },
  });
  expect(delivery.rawBody.toString()).toContain('{"account":9007199254740993}');
});
