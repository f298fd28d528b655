import { Injectable, Module } from '@nestjs/common';
import { CallEndedDto, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';

@Injectable()
export class Calls {
  readonly received: CallEndedDto[] = [];

  @OnCallEnded()
  save(call: CallEndedDto) {
    this.received.push(call);
  }
}

@Module({
  imports: [
    RevragWebhookModule.forRoot({ secret: process.env.REVRAG_WEBHOOK_SECRET, path: false }),
  ],
  providers: [Calls],
})
export class AppModule {}
