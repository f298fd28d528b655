import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { builtPackage } from '../../support/built-package.js';

const folder = mkdtempSync(join(tmpdir(), 'revrag-webhook-'));
afterEach(() => rmSync(folder, { recursive: true }));

/** What an app without optional peers has. */
const INSTALLED = [
  '@nestjs/common',
  '@nestjs/core',
  'class-transformer',
  'class-validator',
  'lru-cache',
  'reflect-metadata',
  'rxjs',
];

const APP = `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnCallEnded, RevragWebhookModule, RevragWebhookService } from 'nestjs-revrag-webhook';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';

const secret = 'whsec_of_a_test';
class Calls { save() {} }
const descriptor = Object.getOwnPropertyDescriptor(Calls.prototype, 'save');
OnCallEnded()(Calls.prototype, 'save', descriptor);
class AppModule {}
Module({
  imports: [RevragWebhookModule.forRoot({ secret, path: false })],
  providers: [Calls],
})(AppModule);
const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
const { body, headers } = signDelivery({ secret, body: callEnded() });
const { status } = await app.get(RevragWebhookService).receive(body, headers);
await app.close();
const telemetry = await import('nestjs-revrag-webhook/opentelemetry').catch(error => error);
console.log(JSON.stringify({ status, code: telemetry.code, message: telemetry.message }));
`;

it('is not needed by an app that does not import the subpath', async () => {
  const packages = join(folder, 'node_modules');
  cpSync(join(builtPackage(), 'node_modules'), packages, { recursive: true });
  for (const name of INSTALLED) {
    mkdirSync(dirname(join(packages, name)), { recursive: true });
    const from = fileURLToPath(new URL(`../../../node_modules/${name}`, import.meta.url));
    symlinkSync(from, join(packages, name), 'junction');
  }
  writeFileSync(join(folder, 'app.mjs'), APP);
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'app.mjs')]);
  expect(JSON.parse(stdout)).toEqual({
    status: 'processed',
    code: 'ERR_MODULE_NOT_FOUND',
    message: expect.stringContaining("Cannot find package '@opentelemetry/api'") as string,
  });
});
