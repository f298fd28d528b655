import { RevragPermanentError, type RevragEvent } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { expect, it } from 'vitest';
import { parseEvent } from '../../../lib/core/events/parse-event.js';
import { HandlerDispatcher } from '../../../lib/core/handlers/handler.dispatcher.js';
import { HandlerRegistry } from '../../../lib/core/handlers/handler.registry.js';
import { startContext } from '../../support/context.js';
import { handlerPair } from '../../support/handler-pair.js';
import { verified } from '../../support/verified.js';

it.each([
  ['finished', () => 'anything', {}],
  ['failed', () => Promise.reject(new Error('no')), { error: new Error('no') }],
  [
    'abandoned',
    () => Promise.reject(new RevragPermanentError('never')),
    { error: new RevragPermanentError('never') },
  ],
])('a handler has %s', async (status, run, more) => {
  const { Calls, act } = handlerPair();
  act.one = run;
  const { app } = await startContext([Calls]);
  const event: RevragEvent = parseEvent(verified(callEnded()));
  const [one] = app.get(HandlerRegistry).match(event);
  const result = await app.get(HandlerDispatcher).dispatch(event, one!);
  expect(result).toEqual({ status, ...more });
});
