import { Module } from '@nestjs/common';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { CallsService } from './calls.service.js';
import { Secrets } from './secrets.js';
import { SecretsModule } from './secrets.module.js';

/** RevRag sets URL and secret for each agent: an endpoint for each, or one with a parameter. */
@Module({
  imports: [
    // This secret is being replaced: deliveries signed with either are authentic.
    RevragWebhookModule.forRoot({
      name: 'loans',
      path: 'hooks/loans',
      secret: [process.env.LOANS_SECRET ?? '', process.env.LOANS_OLD_SECRET ?? ''],
    }),
    // This one is replaced without a deployment: the module calls the function while the app runs.
    RevragWebhookModule.forRootAsync({
      name: 'cards',
      path: 'hooks/cards',
      imports: [SecretsModule],
      inject: [Secrets],
      useFactory: (secrets: Secrets) => ({ secret: () => secrets.read('cards') }),
    }),
    // These agents are added and removed without a deployment: one endpoint, whose path names the agent.
    RevragWebhookModule.forRootAsync({
      name: 'branches',
      path: 'hooks/branches/:agent',
      imports: [SecretsModule],
      inject: [Secrets],
      useFactory: (secrets: Secrets) => ({
        secret: ({ params }) => secrets.read(`branches/${params.agent}`),
      }),
    }),
  ],
  providers: [CallsService],
})
export class AppModule {}
