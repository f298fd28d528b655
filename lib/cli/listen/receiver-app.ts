import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnRevragEvent, RevragWebhookModule, type Delivery } from '../../index.js';
import type { Terminal } from '../terminal.js';
import { ReceivedHeaders } from './received-headers.js';
import { TerminalLogger } from './terminal-logger.js';

export interface ReceivedEvent {
  readonly payload: unknown;
  readonly delivery: Delivery;
  readonly headers: Readonly<Record<string, string>>;
}

interface ReceiverOptions {
  readonly secrets: readonly string[];
  readonly path: string;
  readonly host: string;
  readonly port: number;
  /** Seconds. */
  readonly tolerance: number;
  readonly terminal: Terminal;
  onEvent(event: ReceivedEvent): Promise<void>;
}

export interface Receiver {
  readonly url: string;
  close(): Promise<void>;
}

/** An app such as a user of the library would write, listening. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { secrets, path, tolerance, host, port, terminal } = options;
  const headers = new ReceivedHeaders();
  const app = await NestFactory.create(
    {
      module: ListenModule,
      imports: [RevragWebhookModule.forRoot({ secret: [...secrets], path, tolerance })],
      providers: [{ provide: EventSink, useValue: new EventSink(options, headers) }],
    },
    { logger: new TerminalLogger(terminal), abortOnError: false },
  );
  app.use(headers.middleware);
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  return { url: urlOf(app, options), close: () => app.close() };
}

@Module({})
class ListenModule {}

class EventSink {
  constructor(
    private readonly options: ReceiverOptions,
    private readonly headers: ReceivedHeaders,
  ) {}

  @OnRevragEvent('*')
  receive(payload: unknown, delivery: Delivery): Promise<void> {
    return this.options.onEvent({ payload, delivery, headers: this.headers.current() });
  }
}

function urlOf(app: INestApplication, { host, path }: ReceiverOptions): string {
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/${path.replace(/^\/+/, '')}`;
}
