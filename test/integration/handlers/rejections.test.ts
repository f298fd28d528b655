import { Injectable, Module, Scope } from '@nestjs/common';
import { OnRejectedDelivery, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { expect, it } from 'vitest';
import { startContext } from '../../support/context.js';

/** A provider with a method for the rejected deliveries of two of three endpoints. */
function createKeeper(scope = Scope.DEFAULT) {
  const kept: string[] = [];
  @Injectable({ scope })
  class Keeper {
    @OnRejectedDelivery({ endpoint: 'default' })
    @OnRejectedDelivery({ endpoint: 'loans' })
    keep({ id }: { id: string }) {
      kept.push(id);
    }
  }
  return { Keeper, kept };
}
const endpoint = (name: string) =>
  RevragWebhookModule.forRoot({ name, path: name, secret: `secret of ${name}` });

it.each([Scope.DEFAULT, Scope.REQUEST])(
  'a rejected delivery is kept once by a class of two modules, for endpoints of either decorator: scope %i',
  async scope => {
    const { Keeper, kept } = createKeeper(scope);
    @Module({ providers: [Keeper] })
    class OtherModule {}
    const imports = [endpoint('loans'), endpoint('cards'), OtherModule];
    const { receive } = await startContext([Keeper], {}, { imports });
    await receive({ id: '1', body: '[]' });
    await receive({ id: '2', body: '[]', secret: 'secret of loans' }, 'loans');
    await receive({ id: '3', body: '[]', secret: 'secret of cards' }, 'cards');
    expect(kept).toEqual(['1', '2']);
  },
);

it('a rejected delivery comes again for the object that failed, of two of one class', async () => {
  const { Keeper } = createKeeper();
  const kept: string[] = [];
  let isFull = true;
  const objectOf = (name: string, keep: () => void) => ({
    provide: name,
    useFactory: () => Object.assign(new Keeper(), { keep }),
  });
  const first = objectOf('FIRST', () => void kept.push('first'));
  const second = objectOf('SECOND', () => {
    if (isFull) throw new Error('The disk is full');
    kept.push('second');
  });
  const { receive } = await startContext([first, second], {}, { imports: [endpoint('loans')] });
  await receive({ id: '1', body: '[]' });
  isFull = false;
  await receive({ id: '1', body: '[]' });
  expect(kept).toEqual(['first', 'second']);
});

it('two classes of one name need an id, under which their progress is kept', async () => {
  const start = (id?: string) => {
    const [One, Two] = [createKeeper().Keeper, createKeeper().Keeper];
    OnRejectedDelivery({ id })(
      Two.prototype,
      'keep',
      Object.getOwnPropertyDescriptor(Two.prototype, 'keep') as never,
    );
    return startContext([One, Two], {}, { imports: [endpoint('loans')] });
  };
  await expect(start()).rejects.toThrow(/Two handlers have the id "Keeper\.keep".* option `id`/);
  await start('Other.keep');
});
