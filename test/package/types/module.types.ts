import { ConfigModule, ConfigService } from '@nestjs/config';
import {
  MemoryIdempotencyStore,
  RevragWebhookModule,
  type RevragWebhookOptionsFactory,
} from 'nestjs-revrag-webhook';
import { RevragBullModule } from 'nestjs-revrag-webhook/bullmq';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { ApiRevragWebhook } from 'nestjs-revrag-webhook/swagger';

class Options implements RevragWebhookOptionsFactory {
  createRevragWebhookOptions() {
    return { secret: 'whsec_1', tolerance: 60 };
  }
}
class OtherOptions {
  createOptions() {
    return { secret: 'whsec_1' };
  }
}
const secret: string | undefined = process.env.REVRAG_WEBHOOK_SECRET;
const Public = (): ClassDecorator => () => undefined;

export const accepted = [
  RevragWebhookModule.forRoot(secret),
  RevragWebhookModule.forRoot(['new', 'old']),
  RevragWebhookModule.forRoot(['new', 'old'] as const),
  RevragWebhookModule.forRoot({ secret }),
  RevragWebhookModule.forRoot({ secret: () => 'whsec_1' }),
  RevragWebhookModule.forRoot({ secret: () => Promise.resolve(['new', 'old']) }),
  RevragWebhookModule.forRoot({
    secret,
    name: 'loans',
    path: false,
    decorators: [Public(), ApiRevragWebhook()],
    isGlobal: false,
    tolerance: 60,
    bodyLimit: '512kb',
    handlerTimeout: 20_000,
    shutdownTimeout: 5_000,
    idempotency: { store: new MemoryIdempotencyStore(), retention: 3600, lease: 30 },
  }),
  RevragWebhookModule.forRoot({ secret, idempotency: false, bodyLimit: 1_000_000 }),
  RevragWebhookModule.forRoot({
    secret,
    idempotency: { store: new RedisIdempotencyStore('redis://127.0.0.1') },
  }),
  RevragWebhookModule.forRoot({
    secret,
    idempotency: { store: new PostgresIdempotencyStore('postgres://127.0.0.1/app') },
  }),
  RevragWebhookModule.forRootAsync({
    name: 'loans',
    path: 'hooks/loans',
    imports: [ConfigModule],
    inject: [ConfigService],
    useFactory: (config: ConfigService) => ({ secret: config.getOrThrow<string>('SECRET') }),
  }),
  RevragWebhookModule.forRootAsync({ useFactory: () => secret }),
  RevragWebhookModule.forRootAsync({ useFactory: () => Promise.resolve(['new', 'old']) }),
  RevragWebhookModule.forRootAsync({ useClass: Options }),
  RevragWebhookModule.forRootAsync({ useExisting: Options }),
  RevragBullModule.forRoot(),
  RevragBullModule.forRoot({ role: 'work', connection: { url: 'redis://127.0.0.1' } }),
];

export const refused = [
  // @ts-expect-error Something has to be said, if only undefined.
  RevragWebhookModule.forRoot(),
  // @ts-expect-error A secret is text.
  RevragWebhookModule.forRoot(42),
  // @ts-expect-error Options without a secret.
  RevragWebhookModule.forRoot({ tolerance: 60 }),
  // @ts-expect-error A misspelt option.
  RevragWebhookModule.forRoot({ secret, tolerence: 60 }),
  // @ts-expect-error Seconds are a number.
  RevragWebhookModule.forRoot({ secret, tolerance: '60' }),
  // @ts-expect-error A path is text or false.
  RevragWebhookModule.forRoot({ secret, path: true }),
  // @ts-expect-error No store has these methods.
  RevragWebhookModule.forRoot({ secret, idempotency: { store: new Map() } }),
  // @ts-expect-error Idempotency is turned off by false, and on by leaving it out.
  RevragWebhookModule.forRoot({ secret, idempotency: true }),
  // @ts-expect-error A function for the secret is an option, not one of forRoot()'s own arguments.
  RevragWebhookModule.forRoot(() => 'whsec_1'),
  // @ts-expect-error The path shapes the module: it can't wait for a factory.
  RevragWebhookModule.forRootAsync({ useFactory: (): { path: string } => ({ path: 'hooks' }) }),
  // @ts-expect-error The factory's secret is text.
  RevragWebhookModule.forRootAsync({ useFactory: () => ({ secret: 42 }) }),
  // @ts-expect-error The class has no createRevragWebhookOptions().
  RevragWebhookModule.forRootAsync({ useClass: OtherOptions }),
  // @ts-expect-error No such role.
  RevragBullModule.forRoot({ role: 'worker' }),
];
