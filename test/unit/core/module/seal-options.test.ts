import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Sealed } from '../../../../lib/core/module/seal-options.js';

it('gives its value to its holder, and shows it to nobody', () => {
  const value = { secret: 'whsec_1' };
  const sealed = new Sealed(value);
  expect(sealed.open()).toBe(value);
  const shown = inspect(sealed, { depth: Infinity, showHidden: true, getters: true });
  expect(shown + JSON.stringify({ ...sealed }) + JSON.stringify(sealed)).not.toContain('whsec_1');
});
