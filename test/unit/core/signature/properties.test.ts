import fc from 'fast-check';
import { RevragSignatureError, RevragWebhookError } from 'nestjs-revrag-webhook';
import type { WebhookHeaders } from 'nestjs-revrag-webhook';
import { signDelivery, type SignedDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { SecretKeys } from '../../../../lib/core/signature/secret-keys.js';
import { SignatureVerifier } from '../../../../lib/core/signature/signature-verifier.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { holds } from '../../../support/holds.js';

const clock = new ManualClock();
const seconds = clock.now() / 1000;
const SECRETS = ['first', 'second', 'third'];
const verifier = new SignatureVerifier(
  'default',
  new SecretKeys(SECRETS, 'default', clock, 0),
  300_000,
  clock,
);

const body = fc.uint8Array({ maxLength: 2000 }).map(bytes => Buffer.from(bytes));
const delivery = fc
  .record({
    body,
    secret: fc.constantFrom(...SECRETS),
    timestamp: fc.integer({ min: seconds - 300, max: seconds + 300 }),
    id: fc.stringMatching(/^[\x21-\x7e]{1,80}$/),
  })
  .map(options => signDelivery(options));
const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const refused = async (bytes: Buffer, headers: WebhookHeaders) => {
  await expect(verifier.verify(bytes, headers)).rejects.toBeInstanceOf(RevragSignatureError);
};

/** Puts another character in the place of one. */
const edit = (text: string, where: number, replacement: string): string => {
  const index = Math.floor(where * text.length);
  return text.slice(0, index) + replacement + text.slice(index + 1);
};

describe('for any delivery', () => {
  it('one signed with a configured secret passes', async () => {
    await holds(
      fc.asyncProperty(delivery, async ({ body, headers }) => {
        const verified = await verifier.verify(body, headers);
        expect(verified.rawBody.equals(body)).toBe(true);
      }),
      300,
    );
  });

  it('a change of a single byte of the body is refused', async () => {
    await holds(
      fc.asyncProperty(
        delivery.filter(({ body }) => body.length > 0),
        position,
        fc.integer({ min: 1, max: 255 }),
        async ({ body, headers }, where, flip) => {
          const changed = Buffer.from(body);
          const index = Math.floor(where * body.length);
          changed[index] = changed[index]! ^ flip;
          await refused(changed, headers);
        },
      ),
      300,
    );
  });

  it('a body cut short or made longer is refused', async () => {
    await holds(
      fc.asyncProperty(delivery, position, body, async ({ body, headers }, where, more) => {
        if (body.length > 0)
          await refused(body.subarray(0, Math.floor(where * body.length)), headers);
        if (more.length > 0) await refused(Buffer.concat([body, more]), headers);
      }),
      200,
    );
  });

  it.each(['x-webhook-timestamp', 'x-webhook-signature'] as const)(
    'a change of a single character of %s is refused',
    async name => {
      await holds(
        fc.asyncProperty(
          delivery,
          position,
          fc.stringMatching(/^[\x20-\x7e]$/),
          async ({ body, headers }, where, replacement) => {
            const changed = edit(headers[name], where, replacement);
            fc.pre(changed !== headers[name]);
            await refused(body, { ...headers, [name]: changed });
          },
        ),
        400,
      );
    },
  );

  it('a signature header cut short is refused', async () => {
    await holds(
      fc.asyncProperty(delivery, position, async ({ body, headers }, where) => {
        const whole = headers['x-webhook-signature'];
        const cut = whole.slice(0, Math.floor(where * whole.length));
        await refused(body, { ...headers, 'x-webhook-signature': cut });
      }),
    );
  });
});

describe('for any header soup', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.stringMatching(/^(t=\d{0,12}|v1=[0-9a-f]{0,70}|[,=; ]){0,12}$/),
  );
  const value = fc.oneof(
    text,
    fc.array(text, { maxLength: 3 }),
    fc.constant(undefined),
    fc.anything(),
  );
  const name = fc.constantFrom<keyof SignedDelivery['headers']>(
    'x-webhook-event',
    'x-webhook-id',
    'x-webhook-signature',
    'x-webhook-timestamp',
  );
  const soup = fc.dictionary(name, value, { maxKeys: 4 });

  it('a delivery is verified or refused, and nothing else is thrown [pitfall 5]', async () => {
    await holds(
      fc.asyncProperty(delivery, soup, async ({ body, headers }, replaced) => {
        const mixed = { ...headers, ...replaced } as WebhookHeaders;
        const error: unknown = await verifier.verify(body, mixed).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        const touchesSignature =
          'x-webhook-signature' in replaced || 'x-webhook-timestamp' in replaced;
        if (error === undefined) expect(touchesSignature).toBe(false);
        else expect(error).toBeInstanceOf(RevragWebhookError);
      }),
      1000,
    );
  });

  it('a stranger passes nothing', async () => {
    await holds(
      fc.asyncProperty(body, soup, async (bytes, headers) => {
        await refused(bytes, headers as WebhookHeaders);
      }),
      1000,
    );
  });
});
