import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import { expect, it } from 'vitest';
import { checkStoreOptions } from '../../../../lib/core/idempotency/check-store-options.js';

const HOUR = 3_600_000;
const check = (options: object) => () =>
  checkStoreOptions('TheStore', options, ['timeout', 'prefix']);

it.each([{}, { timeout: undefined }, { timeout: 1 }, { timeout: HOUR }, { prefix: 7 }])(
  'lets %o pass',
  options => {
    expect(check(options)).not.toThrow();
  },
);

it.each([0, -1, NaN, Infinity, HOUR + 1, '200', null])('refuses a timeout of %o', timeout => {
  expect(check({ timeout })).toThrow(RevragConfigurationError);
  expect(check({ timeout })).toThrow(/^TheStore: timeout must be .* above 0, 3600000 at most\.$/);
});

it('refuses an option that it does not know, and names those that it knows', () => {
  expect(check({ prefix: 'a', timeOut: 1 })).toThrow(
    'TheStore: there is no option timeOut. Known are timeout, prefix.',
  );
});
