import * as installed from 'bullmq';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';

// Named imports of what an older version lacks would fail with a message that names no cure.
if (!('PostgresQueueBackend' in installed)) {
  throw new RevragConfigurationError(
    'nestjs-revrag-webhook/bullmq needs BullMQ 6.7 or later, and an older one is installed. ' +
      'Update it: npm install bullmq@6',
  );
}

/** The package `bullmq`, in a version that this entry point can work with. */
export const bullmq = installed;
