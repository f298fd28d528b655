import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ThreadsPoolWorker } from 'vitest/node';

/** Each run adds listeners to the thread. */
const MAX_RUNS = 50;

/**
 * A plugin that has Vitest keep a thread for many runs: to load Nest takes longer than the tests of most mutants.
 * For a mutant in code that runs when its module is loaded, the modules of this project are loaded again.
 */
export function keptThread(root) {
  const modules = ['lib', 'test'].flatMap(folder =>
    readdirSync(root + folder, { recursive: true }).map(file => `${root}${folder}/${file}`),
  );
  let thread;
  let runs = 0;
  let isFresh = true;
  let wasStatic = false;

  class KeptThread extends ThreadsPoolWorker {
    name = 'kept';
    #listeners = [];

    async start() {
      isFresh = runs++ % MAX_RUNS === 0;
      if (isFresh) {
        void thread?.terminate();
        const { entrypoint, env, execArgv } = this;
        thread = new Worker(entrypoint, { env, execArgv, stdout: true, stderr: true });
        thread.stdout.resume();
        thread.stderr.resume();
      }
      this._thread = thread;
    }

    on(event, listener) {
      this.#listeners.push({ event, listener });
      super.on(event, listener);
    }

    send(message) {
      if (message.type === 'stop') return this.#answer({ type: 'stopped' });
      if (message.type === 'run') {
        const isStatic = message.context.providedContext.mutantActivation === 'static';
        if ((isStatic || wasStatic) && !isFresh) message.context.invalidates = modules;
        wasStatic = isStatic;
      }
      super.send(message);
    }

    #answer(response) {
      for (const { event, listener } of this.#listeners) {
        if (event === 'message') listener({ __vitest_worker_response__: true, ...response });
      }
    }

    async stop() {
      for (const { event, listener } of this.#listeners) super.off(event, listener);
    }
  }

  return {
    name: 'kept-thread',
    configureVitest({ project }) {
      project.config.pool = 'kept';
      project.config.poolRunner = {
        name: 'kept',
        createPoolWorker: options => new KeptThread(options),
      };
    },
  };
}
