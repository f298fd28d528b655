import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { summaryOf } from './summary.mjs';

/** Prints each survivor when it is found, so that a run that is stopped has shown some. */
class Survivors {
  onMutantTested(result) {
    for (const { file, line, key } of summaryOf([result]).unexplained) {
      console.log(`${file}:${line}  ${key}`);
    }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'survivors', Survivors)];
