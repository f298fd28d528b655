import type { IdempotencyStore } from '../idempotency/idempotency-store.js';
import type { Accept } from '../delivery/endpoint-registry.js';
import type { SecretSource } from '../signature/secret-keys.js';

export interface IdempotencyOptions {
  /**
   * Where it is remembered which deliveries were processed. Several instances need one that they share.
   *
   * @default the provider of `IdempotencyStore` if there is one, else a `MemoryIdempotencyStore`
   */
  store?: IdempotencyStore;
  /**
   * How long a processed delivery is known as a duplicate, in seconds.
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
   * with any of them is authentic. A function is asked at run time, its answer cached for a minute.
   */
  secret: SecretSource | undefined;
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
   * How long a body may take to arrive, in milliseconds; never longer than `tolerance`. A slower one is
   * answered 408 `body_timeout`.
   *
   * @default 30_000
   */
  bodyTimeout?: number;
  /**
   * Asked before a body is read, for a list of addresses or a limit of rate: `false` is answered 403
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
   * Path of the endpoint, under the app's global prefix; `false` for none.
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
