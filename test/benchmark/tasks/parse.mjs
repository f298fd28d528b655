import { ModuleRef } from '@nestjs/core';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { RevragEventPipe, RevragWebhookService } from 'nestjs-revrag-webhook';
import { HandwrittenCallDto } from '../servers/support/handwritten.dto.mjs';
import { event } from '../support/events.mjs';
import { schemes } from '../support/schemes.mjs';
import { createApp } from '../support/service.mjs';
import { serveTask, takeTurns } from '../support/task.mjs';

serveTask(async ({ bytes, language, rounds, roundMs }) => {
  const app = await createApp();
  const service = app.get(RevragWebhookService);
  const pipe = await app.get(ModuleRef).create(RevragEventPipe);
  const seconds = Math.floor(Date.now() / 1000);
  const bodies = Array.from({ length: 4 }, (_, index) => event(bytes, language, index));
  const verified = [];
  for (const body of bodies) {
    const headers = schemes.revrag.headers('evt_parse', seconds, [body]);
    verified.push(await service.verify(body, headers));
  }
  const texts = bodies.map(body => body.toString('utf8'));
  return takeTurns(
    {
      /** Bytes to text to values, as most write it. */
      decodeAndParse: index => JSON.parse(bodies[index % 4].toString('utf8')),
      /** Without the decoding, which nobody gets for nothing. */
      parseOnly: index => JSON.parse(texts[index % 4]),
      ours: index => pipe.transform(verified[index % 4]),
      classValidator: index => {
        const call = plainToInstance(HandwrittenCallDto, JSON.parse(bodies[index % 4].toString()));
        return validateSync(call);
      },
    },
    { rounds, roundMs },
  );
});
