import 'reflect-metadata';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { afterAll, beforeAll, vi } from 'vitest';

// Files that share a process must not notice each other.
beforeAll(() => Logger.overrideLogger(new ConsoleLogger()));
afterAll(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
