import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Clock } from '../../lib/core/common/clock.js';
import { createAdapter, listen, type StartedApp } from './app.js';
import { ManualClock } from './manual-clock.js';

/** An app that listens, whose time stands still. */
export async function startClockedApp(
  metadata: ModuleMetadata,
  override: (builder: TestingModuleBuilder) => TestingModuleBuilder = builder => builder,
  logger: LoggerService | false = false,
): Promise<StartedApp & { readonly clock: ManualClock }> {
  const clock = new ManualClock(Date.now());
  const builder = Test.createTestingModule(metadata).overrideProvider(Clock).useValue(clock);
  const module = await override(builder).compile();
  const app = module.createNestApplication(createAdapter(), { logger });
  return { ...(await listen(app)), clock };
}
