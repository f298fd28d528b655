import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { RevragBullOptions } from './revrag-bull.options.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<RevragBullOptions>({ moduleName: 'RevragBull' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createRevragBullOptions')
    .build();
