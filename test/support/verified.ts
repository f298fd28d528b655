import { VerifiedDelivery } from 'nestjs-revrag-webhook';

/** A delivery as verification leaves it, for what comes after. */
export function verified(
  body: Buffer | string | object,
  { id = 'evt_1', type = 'call.ended' }: { id?: string; type?: string } = {},
): VerifiedDelivery {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return new VerifiedDelivery(id, type, new Date('2026-06-01T12:00:00Z'), 'default', bytes);
}
