import type { Accept } from '../delivery/endpoint-registry.js';
import type { IdempotencyScope, IdempotencyStore } from '../idempotency/idempotency-store.js';
import type { SecretSource } from '../signature/secrets.js';

export interface IdempotencyOptions {
  /**
   * Where it is remembered which deliveries were processed. Several instances need one that they share.
   *
   * @default the provider of `IdempotencyStore` if there is one, else a `MemoryIdempotencyStore`
   */
  store?: IdempotencyStore;
  /**
   * What makes two deliveries the same. With `'delivery'`: the signed bytes, or the same id for the same call.
   * With `'call'`: the call and its agent, whatever ids and bytes the sender uses.
   *
   * @default 'delivery'
   */
  by?: IdempotencyScope;
  /**
   * How long a processed delivery is known as a duplicate, in seconds; at least twice the tolerance.
   *
   * @default 259_200 (3 days)
   */
  retention?: number;
  /**
   * How long a delivery stays claimed by an instance that died, in seconds. Renewed while handlers run.
   *
   * @default 60
   */
  lease?: number;
}

/** Options that may depend on injected values. */
export interface RevragWebhookOptions {
  /**
   * The signing secret agreed on with RevRag. Several while one replaces another: a delivery signed
   * with any of them is authentic.
   *
   * A function is asked at run time with `{ endpoint, params, headers }`, and its answer is cached for a
   * minute: once for each combination of `params` and `headers`. While it fails, its last answer serves
   * for `secretMaxStale`. The answer `undefined`, `null`, `''` or `[]` takes the secret back, and
   * deliveries get 503; where the path has parameters, `undefined` and `null` say that there is no such
   * endpoint, and deliveries get 404 `unknown_endpoint`. It is asked at most every five seconds for each
   * combination, and up to 100 times a second for combinations that it gave no secret for yet.
   */
  secret: SecretSource | undefined;
  /**
   * Headers that a secret function sees and its answer depends on, such as `['x-tenant-id']`. Senders
   * choose them, and they are not signed.
   *
   * @default []
   */
  secretHeaders?: readonly string[];
  /**
   * How long the last answer of a secret function serves while the function fails, beyond the minute that
   * it is cached for, in seconds. After that deliveries get 503 `secret_unavailable`.
   *
   * @default 3_600 (an hour)
   */
  secretMaxStale?: number;
  /**
   * How far X-Webhook-Timestamp may be from this server's clock, both ways, in seconds.
   *
   * @default 300
   */
  tolerance?: number;
  /**
   * The largest body that is read: bytes, or text such as `'512kb'` or `'5mb'`.
   *
   * @default '5mb'
   */
  bodyLimit?: number | string;
  /**
   * What becomes of a payload that breaks the contract. `'lenient'`: a field of the wrong type is null and
   * named in `delivery.violations`; refused is only what no event can be made of: no JSON, no object, a
   * call without `call_id`, nesting or keys that are a hazard. `'strict'`: any violation is refused (400).
   *
   * @default 'lenient'
   */
  validation?: 'lenient' | 'strict';
  /**
   * How long a body may take to arrive, in milliseconds; never longer than `tolerance`. A slower one is
   * answered 408 `body_timeout`.
   *
   * @default 30_000
   */
  bodyTimeout?: number;
  /**
   * Asked before a body is read, for a list of addresses or a rate limit: `false` is answered 403
   * `not_accepted`. What it throws is logged and answered 500. Not asked by `RevragWebhookService`.
   *
   * @default every sender
   */
  accept?: Accept;
  /** How processed deliveries are remembered; `false` runs handlers for every delivery. */
  idempotency?: false | IdempotencyOptions;
  /**
   * How long handlers may take before their signal aborts and the sender gets a failure, in milliseconds.
   *
   * @default none
   */
  handlerTimeout?: number;
  /**
   * How long a handler may take to settle after `handlerTimeout`, in milliseconds. One that has not settled then
   * is logged as stuck, and shutdown no longer waits for it.
   *
   * @default 60_000
   */
  graceTimeout?: number;
  /**
   * What becomes of the claim of a stuck handler: `'keep'` answers redeliveries 409 until it settles or the
   * process ends; `'release'` lets a redelivery run it again, so that it may overlap with itself.
   *
   * @default 'keep'
   */
  onStuck?: 'keep' | 'release';
  /**
   * How long closing the app waits for handlers that are running, in milliseconds.
   *
   * @default 10_000
   */
  shutdownTimeout?: number;
}

/** Options that shape the module itself, so they can't wait for injected values. */
export interface RevragWebhookModuleOptions {
  /**
   * Name of the endpoint; each import of the module needs another.
   *
   * @default 'default'
   */
  name?: string;
  /**
   * Path of the endpoint, under the app's global prefix; `false` for none. With parameters, as in
   * `'webhooks/revrag/:agent'`, it stands for many: the secret function gets them as `params`.
   *
   * @default 'webhooks/revrag'
   */
  path?: string | false;
  /**
   * Decorators for the endpoint's controller, which set metadata for tools that look at routes, such as
   * `ApiRevragWebhook()`. Guards of the app do not run on the endpoint.
   *
   * @default []
   */
  decorators?: readonly ClassDecorator[];
  /**
   * Whether `RevragWebhookService` can be injected everywhere without importing the module.
   *
   * @default true
   */
  isGlobal?: boolean;
}

/** What `forRoot()` takes in place of options: the secret, or secrets. `undefined` stops the boot. */
export type RevragWebhookSecret = string | readonly string[] | undefined;

/** For `useClass` and `useExisting` of `forRootAsync()`. */
export interface RevragWebhookOptionsFactory {
  createRevragWebhookOptions():
    | RevragWebhookOptions
    | RevragWebhookSecret
    | Promise<RevragWebhookOptions | RevragWebhookSecret>;
}
