// What every app has to do, however it was built: deliveries over HTTP.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { start } from './run.mjs';

const SECRET = 'whsec_matrix_9f21c7';
const START_SECONDS = 120;

/**
 * Starts an app of app.mjs, delivers to it and stops it.
 *
 * @param program `{ command, args, cwd, env? }`
 * @param kit Path of a package.json from which the test kit is found.
 * @returns what the app printed
 */
export async function checkApp({ command, args, cwd, env }, kit) {
  const options = { cwd, env: { ...env, REVRAG_WEBHOOK_SECRET: SECRET }, seconds: START_SECONDS };
  const app = await start(command, args, options);
  try {
    await deliverTo(app, await loadKit(kit));
    return app.output;
  } catch (error) {
    throw new Error(`${error.message}\n${app.output}`, { cause: error });
  } finally {
    await app.stop();
  }
}

const loadKit = manifest =>
  import(pathToFileURL(createRequire(manifest).resolve('nestjs-revrag-webhook/testing')).href);

async function deliverTo(app, { callEnded, signDelivery }) {
  const send = async (path, { body, headers }) => {
    const init = { method: 'POST', body, headers, signal: AbortSignal.timeout(20_000) };
    const response = await fetch(`${app.url}/api/acme/${path}`, init);
    return { status: response.status, body: await response.json() };
  };
  const sign = options => signDelivery({ secret: SECRET, ...options });
  const messages = Array.from({ length: 20_000 }, () => ({
    role: 'user',
    content: 'x'.repeat(60),
  }));

  // By its id, whatever a minifier makes of the class.
  assert.match(app.output, /Handler calls: call\.ended/);
  const call = { id: 'evt_1', body: callEnded() };
  const first = await send('webhooks/revrag', sign(call));
  assert.deepEqual(first, { status: 200, body: { status: 'processed', id: 'evt_1' } });
  await app.says(/^CALL=evt_1 function$/m);
  const again = await send('webhooks/revrag', sign(call));
  assert.deepEqual(again, { status: 200, body: { status: 'duplicate', id: 'evt_1' } });
  const long = callEnded({ transcription: { messages } });
  assert.equal((await send('webhooks/revrag', sign({ body: long }))).status, 200);
  const forged = await send('webhooks/revrag', { ...sign(), body: '{}' });
  assert.equal(forged.status, 401);
  assert.equal(forged.body.code, 'signature_mismatch');
  const own = await send('own', sign({ body: long }));
  assert.deepEqual(own, { status: 201, body: { agent: long.agent_id } });
  const headers = { 'content-type': 'application/json' };
  const other = await send('echo', { body: '{"a":1}', headers });
  assert.deepEqual(other, { status: 201, body: { a: 1 } });
}
