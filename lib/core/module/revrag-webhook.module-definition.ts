import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { RevragWebhookOptions, RevragWebhookSecret } from './revrag-webhook.options.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<
  RevragWebhookOptions | RevragWebhookSecret
>({ moduleName: 'RevragWebhook' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createRevragWebhookOptions')
  .build();
