import type { Accept } from '../delivery/endpoint-registry.js';
import type { IdempotencyScope, IdempotencyStore } from '../idempotency/idempotency-store.js';
import type { SecretSource } from '../signature/secrets.js';

export interface IdempotencyOptions {
  /**
   * Remembers which handlers have finished for which delivery. Several instances need one that they share.
   *
   * @default the provider of `IdempotencyStore` if there is one, else a `MemoryIdempotencyStore`
   */
  store?: IdempotencyStore;
  /**
   * What makes two deliveries the same. With `'delivery'`: the signed bytes, or the same id for the same call.
   * With `'call'`: the call with its agent and status, whatever ids and bytes the sender uses.
   *
   * @default 'delivery'
   */
  by?: IdempotencyScope;
  /**
   * How long the store remembers a delivery, in seconds; at least twice the tolerance.
   *
   * @default 259_200 (3 days)
   */
  retention?: number;
  /**
   * How long a claim outlives a process that died, in seconds. The module renews it while handlers run.
   *
   * @default 60
   */
  lease?: number;
}

/** Options that may depend on injected values. */
export interface RevragWebhookOptions {
  /**
   * The signing secret that you agreed on with RevRag. Give several while one replaces another: a delivery
   * signed with any of them is authentic.
   *
   * The module calls a function at run time with `{ endpoint, params, headers }` and caches its answer for a
   * minute, for each combination of `params` and `headers`. While the function fails, its last answer stays
   * valid for `secretMaxStale`. The answer `undefined`, `null`, `''` or `[]` withdraws the secret, and
   * deliveries get 503. If the path has parameters, `undefined` and `null` mean that there is no such
   * endpoint, and deliveries get 404 `unknown_endpoint`. The module calls the function at most every five
   * seconds for each combination, and at most 100 times a second for combinations without a secret.
   */
  secret: SecretSource | undefined;
  /**
   * Headers that the secret function gets and its answer depends on, such as `['x-tenant-id']`. They are
   * not signed: senders choose them.
   *
   * @default []
   */
  secretHeaders?: readonly string[];
  /**
   * How long the last answer of a secret function stays valid while the function fails, beyond the minute of
   * its caching, in seconds. After that, deliveries get 503 `secret_unavailable`.
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
   * How strictly a payload is checked. With `'lenient'`, a field of the wrong type is null and
   * `delivery.violations` names it; only a payload that no event can be made of is rejected (400): no JSON, no
   * object, a call without `call_id`, hazardous nesting or keys. With `'strict'`, any violation rejects it.
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
   * Called before a body is read, for a list of addresses or a rate limit. For `false` the sender gets 403
   * `not_accepted`; an error that it throws is logged, and the sender gets 500. `RevragWebhookService` does
   * not call it.
   *
   * @default every sender
   */
  accept?: Accept;
  /** How deliveries are remembered. With `false`, none is: handlers run for each, but not for one twice at once. */
  idempotency?: false | IdempotencyOptions;
  /**
   * How long handlers may take before their signal aborts and the sender gets 500, in milliseconds.
   *
   * @default none
   */
  handlerTimeout?: number;
  /**
   * How long a handler may take to settle after `handlerTimeout`, in milliseconds. After that it is stuck: the
   * log says so, and shutdown no longer waits for it.
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
   * How long closing the app waits for running handlers, in milliseconds.
   *
   * @default 10_000
   */
  shutdownTimeout?: number;
}

/** Options of the module itself. They cannot depend on injected values. */
export interface RevragWebhookModuleOptions {
  /**
   * Name of the endpoint; each import of the module needs another.
   *
   * @default 'default'
   */
  name?: string;
  /**
   * Path of the endpoint, under the app's global prefix; `false` for none. It may have parameters, as in
   * `'webhooks/revrag/:agent'`, which the secret function gets as `params`.
   *
   * @default 'webhooks/revrag'
   */
  path?: string | false;
  /**
   * Decorators for the endpoint's controller, to set metadata for tools that read routes, such as
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
