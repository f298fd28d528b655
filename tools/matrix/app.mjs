// The app that a cell builds: as small as a newcomer's, but for the second endpoint on a route of its own.

const main = platform => `import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
${platform === 'fastify' ? "import { FastifyAdapter } from '@nestjs/platform-fastify';\n" : ''}import { AppModule } from './app.module.js';

async function bootstrap() {
  const app = await NestFactory.create(AppModule${platform === 'fastify' ? ', new FastifyAdapter()' : ''});
  app.setGlobalPrefix('api/:tenant');
  // Of the signals that Nest takes by default, Deno refuses some.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  await app.listen(0, '127.0.0.1');
  const { bun, deno, node } = process.versions;
  console.log('RUNTIME=' + (bun ? 'bun ' + bun : deno ? 'deno ' + deno : 'node ' + node));
  console.log(\`URL=\${await app.getUrl()}\`);
}
void bootstrap();
`;

const appModule = `import { Body, Controller, Injectable, Module, Post } from '@nestjs/common';
import {
  CallEndedDto,
  Delivery,
  OnCallEnded,
  RevragDelivery,
  RevragEndpoint,
  RevragEventPipe,
  RevragWebhookModule,
  RevragWebhookService,
  type RevragEvent,
} from 'nestjs-revrag-webhook';

@Injectable()
class Calls {
  constructor(private readonly webhook: RevragWebhookService) {}

  @OnCallEnded({ id: 'calls' })
  save(call: CallEndedDto, delivery: Delivery): void {
    if (!(call instanceof CallEndedDto) || !(delivery instanceof Delivery)) throw new TypeError();
    console.log(\`CALL=\${delivery.id}\`, typeof this.webhook.receive);
  }
}

@Controller()
class Own {
  @Post('own')
  @RevragEndpoint('own')
  receive(@RevragDelivery(RevragEventPipe) event: RevragEvent<CallEndedDto>) {
    return { agent: event.payload.agent_id };
  }

  @Post('echo')
  echo(@Body() body: object) {
    return body;
  }
}

@Module({
  imports: [
    RevragWebhookModule.forRoot(process.env.REVRAG_WEBHOOK_SECRET),
    RevragWebhookModule.forRootAsync({
      name: 'own',
      path: false,
      useFactory: () => ({ secret: process.env.REVRAG_WEBHOOK_SECRET, tolerance: 60 }),
    }),
  ],
  controllers: [Own],
  providers: [Calls],
})
export class AppModule {}
`;

export const sources = platform => ({
  'main.ts': main(platform),
  'app.module.ts': appModule,
});

export const dependencies = (nest, platform) => ({
  '@nestjs/common': `^${nest}.0.0`,
  '@nestjs/core': `^${nest}.0.0`,
  [`@nestjs/platform-${platform}`]: `^${nest}.0.0`,
  '@types/node': '^20.0.0',
  'class-transformer': '^0.5.1',
  'class-validator': '^0.15.0',
  'reflect-metadata': '^0.2.0',
  rxjs: '^7.8.0',
});

export const tsconfig = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023'],
    module: 'nodenext',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    // The published types are checked as well, not only how the app uses them.
    skipLibCheck: false,
    types: ['node'],
    rootDir: 'src',
  },
  include: ['src'],
};
