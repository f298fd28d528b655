// Apps that have older or other packages than the ones this library is developed with: the tarball
// installs beside them, its declarations compile, and an entry point that needs a newer one says so.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const REQUIRED = { 'class-transformer': '^0.5.1', rxjs: '^7.8.1' };
const MAIN = `
import { RevragWebhookModule, OnCallEnded, type CallEndedDto } from 'nestjs-revrag-webhook';
import { signDelivery } from 'nestjs-revrag-webhook/testing';
export class Calls {
  @OnCallEnded()
  save(call: CallEndedDto): string {
    return call.call_id;
  }
}
export const imported = RevragWebhookModule.forRoot('whsec_types');
export const { headers } = signDelivery({ secret: 'whsec_types', body: {} });
`;
const MAIN_RUNS = `
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { RevragWebhookModule, RevragWebhookService } from 'nestjs-revrag-webhook';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
const imported = RevragWebhookModule.forRoot('whsec_types');
const app = await NestFactory.createApplicationContext(imported, { logger: false });
const { body, headers } = signDelivery({ secret: 'whsec_types', body: callEnded() });
const outcome = await app.get(RevragWebhookService).receive(body, headers);
if (outcome.status !== 'ignored') throw new Error(JSON.stringify(outcome));
await app.close();
`;

/** A line that fails unless importing or calling something fails with a message that has the words in it. */
const fails = (work, words) => `
await (async () => { ${work} })().then(
  () => { throw new Error('it should have failed'); },
  error => { if (!error.message.includes(${JSON.stringify(words)})) throw error; },
);
`;

const INSTALLATIONS = [
  {
    name: 'only what is required',
    packages: { ...nest(12), 'class-validator': '^0.15.1', 'reflect-metadata': '^0.2.2' },
    types: MAIN,
    script: MAIN_RUNS,
  },
  {
    name: 'old packages of all kinds beside Nest 11, with types as node10 resolves them',
    // TypeScript 6 deprecates node10, and 7 has none.
    typescript: '~5.9.0',
    compilerOptions: { module: 'commonjs', moduleResolution: 'node10' },
    packages: {
      ...nest(11),
      ...{ 'class-validator': '0.13.2', 'reflect-metadata': '0.1.13' },
      ...{ bullmq: '^5.0.0', '@nestjs/bullmq': '^11.0.0', ioredis: '^4.28.0', pg: '^8.11.0' },
    },
    // Neither pg nor ioredis 4 has types of its own.
    types: `${MAIN}
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
export const stores = [PostgresIdempotencyStore, RedisIdempotencyStore];
`,
    script:
      MAIN_RUNS +
      fails("await import('nestjs-revrag-webhook/bullmq')", 'npm install bullmq@6') +
      fails(
        "const { RedisIdempotencyStore } = await import('nestjs-revrag-webhook/redis');" +
          "new RedisIdempotencyStore('redis://127.0.0.1:1');",
        'npm install ioredis@5',
      ) +
      "await import('nestjs-revrag-webhook/postgres');",
  },
  {
    name: 'packages with types, and class-validator 0.14',
    packages: {
      ...nest(12),
      ...{ 'class-validator': '0.14.1', 'reflect-metadata': '^0.2.2', ioredis: '^5.0.0' },
      ...{ '@nestjs/swagger': '^12.0.2', '@opentelemetry/api': '^1.9.0' },
      ...{ pg: '^8.11.0', '@types/pg': '^8.11.0' },
    },
    types: `${MAIN}
import { Redis } from 'ioredis';
import pg from 'pg';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
export * from 'nestjs-revrag-webhook/opentelemetry';
export * from 'nestjs-revrag-webhook/swagger';
export const stores = () => [
  new PostgresIdempotencyStore(new pg.Pool()),
  new RedisIdempotencyStore(new Redis()),
];
`,
    script: MAIN_RUNS,
  },
];

function nest(major) {
  const range = `^${major}.0.0`;
  return { ...REQUIRED, '@nestjs/common': range, '@nestjs/core': range };
}

/**
 * @param tarball Of the library.
 * @param folder Where the apps are made.
 * @param typescript The compiler's version.
 */
export function checkInstallations(tarball, folder, typescript) {
  INSTALLATIONS.forEach((installation, index) => {
    const { name, packages, types, script, compilerOptions } = installation;
    const cwd = join(folder, `installation-${index}`);
    const run = (command, ...args) =>
      execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    mkdirSync(cwd, { recursive: true });
    const write = (file, content) =>
      writeFileSync(
        join(cwd, file),
        typeof content === 'string' ? content : JSON.stringify(content),
      );
    write('package.json', {
      private: true,
      type: 'module',
      dependencies: { ...packages, 'nestjs-revrag-webhook': `file:${tarball}` },
      devDependencies: {
        typescript: installation.typescript ?? typescript,
        '@types/node': '^20.19.0',
      },
    });
    write('tsconfig.json', {
      compilerOptions: {
        ...{ target: 'es2023', module: 'nodenext', strict: true, noEmit: true },
        ...{ skipLibCheck: false, experimentalDecorators: true, types: ['node'] },
        ...compilerOptions,
      },
      files: ['types.ts'],
    });
    write('types.ts', types);
    write('run.mjs', script);
    run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error');
    run(join('node_modules', '.bin', 'tsc'));
    run(process.execPath, 'run.mjs');
    console.log(`installs, compiles and runs beside ${name}`);
  });
}
