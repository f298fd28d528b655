import { NestFactory } from '@nestjs/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listen } from '../../support/app.js';

describe('sample/06-several-agents', () => {
  it('keeps agents apart, gives variables with types, and takes agents and secrets without a restart', async () => {
    vi.stubEnv('LOANS_SECRET', 'whsec_loans_new');
    vi.stubEnv('LOANS_OLD_SECRET', 'whsec_loans_old');
    vi.stubEnv('CARDS_SECRET', 'whsec_cards');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { AppModule } = await import('../../../sample/06-several-agents/src/app.module.js');
    const { CallsService } = await import('../../../sample/06-several-agents/src/calls.service.js');
    const { demonstrate } = await import('../../../sample/06-several-agents/src/demonstration.js');
    const { app, url } = await listen(await NestFactory.create(AppModule, { logger: false }));

    expect(await demonstrate(url, app)).toBe(true);
    expect([...app.get(CallsService).seen].sort()).toEqual([
      'agra_1 came to branches',
      'call agra_1 of branch agra',
      'card call cards_1',
      'card call cards_2',
      'cards_1 came to cards',
      'cards_2 came to cards',
      'loan call loans_1, plan gold, interested in a loan',
      'loan call loans_2, plan gold, interested in a loan',
      'loans_1 came to loans',
      'loans_2 came to loans',
      'loans_4 came to loans',
    ]);
  });
});
