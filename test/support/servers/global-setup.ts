import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { Supplies, type Answers } from './supplies.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where `ask()` finds the supplies. */
    supplies: string;
  }
}

/** Serves what test files ask for. Nothing is looked for, installed or started before one of them does. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const removeFolder = useTemporaryFolder();
  const supplies = new Supplies();
  const server = serve(supplies);
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  project.provide('supplies', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    await supplies.dispose();
    removeFolder();
    if (supplies.summary) console.log(supplies.summary);
  };
}

/** What tests and the processes that they start put into the system's folder goes into one that is removed. */
function useTemporaryFolder(): () => void {
  const before = process.env.TMPDIR;
  const folder = mkdtempSync(join(tmpdir(), 'revrag-test-'));
  // As the system's: servers run as other users.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  };
}

const serve = (supplies: Supplies): Server =>
  createServer((request, response) => {
    const question = decodeURIComponent(request.url!.slice(1)) as keyof Answers;
    // A thread that stood still would use a connection that was closed for being idle meanwhile.
    response.setHeader('connection', 'close');
    supplies.answer(question).then(
      answer => response.end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(500).end((error as Error).message),
    );
  });
