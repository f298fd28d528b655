// Run by node:test in a process of its own: see runners.test.ts. It is what docs/testing.md shows.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Injectable, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CallEndedDto, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { callEnded, deliver } from 'nestjs-revrag-webhook/testing';

@Injectable()
class Calls {
  readonly seconds: (number | null | undefined)[] = [];

  @OnCallEnded()
  save(call: CallEndedDto) {
    this.seconds.push(call.duration);
  }
}

let app: INestApplication;

before(async () => {
  const module = await Test.createTestingModule({
    imports: [RevragWebhookModule.forRoot('test secret')],
    providers: [Calls],
  }).compile();
  app = module.createNestApplication({ logger: false });
});

after(() => app.close());

void test('a call reaches its handler', async () => {
  const body = callEnded({ duration: 12 });
  const { status } = await deliver(app, { secret: 'test secret', body });
  assert.equal(status, 200);
  assert.deepEqual(app.get(Calls).seconds, [12]);
});

void test('a forged call does not', async () => {
  const { status, body } = await deliver(app, { secret: 'guessed' });
  assert.equal(status, 401);
  assert.equal(body.code, 'signature_mismatch');
  assert.equal(app.get(Calls).seconds.length, 1);
});
