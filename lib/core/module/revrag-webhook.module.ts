import {
  Inject,
  Module,
  Optional,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { STORE, endpointProviders } from './endpoint.providers.js';
import { createEndpointController } from '../http/endpoint.controller.js';
import type { IdempotencyStore } from '../idempotency/idempotency-store.js';
import { getRevragWebhookToken } from './inject-revrag-webhook.decorator.js';
import { resolveModuleOptions } from './resolve-module-options.js';
import { toOptions } from './resolve-options.js';
import { sealOptions } from './seal-options.js';
import { RevragCoreModule } from './revrag-core.module.js';
import { ConfigurableModuleClass } from './revrag-webhook.module-definition.js';
import type {
  RevragWebhookModuleOptions,
  RevragWebhookOptions,
  RevragWebhookSecret,
} from './revrag-webhook.options.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';

export type RevragWebhookAsyncOptions = RevragWebhookModuleOptions &
  ConfigurableModuleAsyncOptions<
    RevragWebhookOptions | RevragWebhookSecret,
    'createRevragWebhookOptions'
  >;

/**
 * Receives RevRag's webhooks: import it with the secret, decorate methods with `@OnCallEnded()`.
 *
 * Each import is an endpoint; import it several times with different `name` and `path` to have several.
 */
@Module({})
export class RevragWebhookModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Optional() @Inject(STORE) private readonly store?: IdempotencyStore) {
    super();
    if (store) return;
    throw new RevragConfigurationError(
      'RevragWebhookModule was imported without a secret: import RevragWebhookModule.forRoot(secret). ' +
        'To use RevragWebhookService elsewhere, inject it; no second import is needed (isGlobal).',
    );
  }

  /**
   * An endpoint with a secret, several secrets, or options.
   *
   * A secret that is missing stops the boot with a message that names the likely cause.
   */
  static override forRoot(
    options: RevragWebhookSecret | (RevragWebhookOptions & RevragWebhookModuleOptions),
  ): DynamicModule {
    const given: RevragWebhookOptions & RevragWebhookModuleOptions = toOptions(options);
    const { name, path, decorators, isGlobal, ...rest } = given;
    return endpointModule(super.forRoot(rest), { name, path, decorators, isGlobal });
  }

  /** An endpoint whose options depend on injected values, such as those of ConfigService. */
  static override forRootAsync(options: RevragWebhookAsyncOptions): DynamicModule {
    const { name, path, decorators, isGlobal, ...rest } = options;
    const unknown = Object.keys(rest).find(key => !ASYNC_OPTIONS.includes(key));
    if (unknown !== undefined) {
      throw new RevragConfigurationError(
        `RevragWebhookModule.forRootAsync: there is no option ${unknown} here. Return it from the factory.`,
      );
    }
    return endpointModule(super.forRootAsync(rest), { name, path, decorators, isGlobal });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store?.close?.();
  }
}

const ASYNC_OPTIONS = [
  'imports',
  'inject',
  'useFactory',
  'useClass',
  'useExisting',
  'provideInjectionTokensFrom',
];

function endpointModule(base: DynamicModule, given: RevragWebhookModuleOptions): DynamicModule {
  const { name, path, decorators, isGlobal } = resolveModuleOptions(given);
  return {
    ...base,
    global: isGlobal,
    imports: [...(base.imports ?? []), RevragCoreModule],
    controllers: path === false ? [] : [createEndpointController({ name, path, decorators })],
    providers: [...sealOptions(base.providers), ...endpointProviders(name, path)],
    exports: [getRevragWebhookToken(name)],
  };
}
