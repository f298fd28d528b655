import type { IdempotencyScope, IdempotencyStore } from '../idempotency/idempotency-store.js';
import type { SecretSource } from '../signature/secret-keys.js';

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
   * Path of the endpoint, under the app's global prefix; `false` for none.
   *
   * @default 'webhooks/revrag'
   */
  path?: string | false;
  /**
   * Decorators for the endpoint's controller, such as `Public()` or `SkipThrottle()`.
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
