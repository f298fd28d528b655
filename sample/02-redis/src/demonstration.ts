import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { AppModule } from './app.module.js';

/** Sends a delivery to one instance, and again to a second. Returns whether only the first handled it. */
export async function demonstrate(url: string, secret: string): Promise<boolean> {
  const second = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await second.listen(0, '127.0.0.1');
  // A new call at each start: Redis remembers the last one.
  const delivery = signDelivery({ secret, body: callEnded({ call_id: randomUUID() }) });
  const send = async (title: string, to: string, says: string): Promise<boolean> => {
    const response = await fetch(to, { method: 'POST', ...delivery });
    const answer = (await response.json()) as { status?: string };
    const isWell = answer.status === says;
    const mark = isWell ? '✓' : `✗ expected ${says}, got`;
    console.log(`    ${title}: ${mark} ${response.status} ${JSON.stringify(answer)}`);
    return isWell;
  };
  try {
    const first = await send('one instance', url, 'processed');
    const again = await send(
      'another instance',
      url.replace(/^http:\/\/[^/]+/, await second.getUrl()),
      'duplicate',
    );
    return first && again;
  } finally {
    await second.close();
  }
}
