import type { ApiHeaderOptions } from '@nestjs/swagger';

/** The four headers of a delivery. */
export const HEADERS: readonly ApiHeaderOptions[] = [
  {
    name: 'X-Webhook-Event',
    description: 'Event type.',
    schema: { type: 'string', example: 'call.ended' },
  },
  {
    name: 'X-Webhook-Timestamp',
    description: 'When the delivery was sent: Unix time in seconds.',
    schema: { type: 'string', pattern: '^[0-9]{1,11}$', example: '1780281000' },
  },
  {
    name: 'X-Webhook-Signature',
    description: 'The timestamp again, and the signature as 64 hexadecimal digits.',
    schema: { type: 'string', example: `t=1780281000,v1=${'0123456789abcdef'.repeat(4)}` },
  },
  {
    name: 'X-Webhook-ID',
    description: 'Unique id, for deduplication.',
    schema: { type: 'string', example: 'evt_01HC3Q0MZQABR3' },
  },
];
