import { MemoryIdempotencyStore } from 'nestjs-revrag-webhook';
import { describe } from 'vitest';
import { itKnowsDeliveriesByWhatIsSigned } from './identity.contract.js';

describe('an app with a MemoryIdempotencyStore', () => {
  itKnowsDeliveriesByWhatIsSigned(() => new MemoryIdempotencyStore());
});
