// @golevelup/nestjs-stripe, with a handler that does nothing.
import { StripeModule, StripeWebhookHandler } from '@golevelup/nestjs-stripe';
import { decorateMethod, injectable } from '../support/decorate.mjs';
import { SECRET } from '../support/schemes.mjs';
import { PATH, serveNest } from './support/nest.mjs';
import { platform } from './support/platform.mjs';

class Calls {
  save() {}
}
decorateMethod(Calls, 'save', [StripeWebhookHandler('call.ended')]);
injectable(Calls);

const stripe = StripeModule.forRoot({
  apiKey: 'sk_test_benchmark',
  webhookConfig: {
    stripeSecrets: { account: SECRET, accountTest: SECRET },
    controllerPrefix: PATH,
    requestBodyProperty: 'rawBody',
  },
});

await serveNest(
  { imports: [stripe], providers: [Calls] },
  await platform('express', { rawBody: true }),
);
