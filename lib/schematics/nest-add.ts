import { randomBytes } from 'node:crypto';
import {
  addImport,
  addSecret,
  addToModule,
  enableShutdownHooks,
  readEnvFile,
  UnlikeGenerated,
} from './edits.js';

/** What is used of the CLI's file tree. It comes from the CLI, so nothing has to be installed for it. */
interface Tree {
  exists(path: string): boolean;
  readText(path: string): string;
  create(path: string, content: string): void;
  overwrite(path: string, content: string): void;
}

interface Context {
  readonly logger: { info(message: string): void };
}

const NAME = 'nestjs-revrag-webhook';
const SECRET = 'process.env.REVRAG_WEBHOOK_SECRET';
const HANDLER = `import { Injectable, Logger } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded } from '${NAME}';

@Injectable()
export class CallEndedHandler {
  private readonly logger = new Logger(CallEndedHandler.name);

  @OnCallEnded()
  handle(call: CallEndedDto, delivery: Delivery): void {
    this.logger.log(\`\${delivery.id}: call \${call.call_id} took \${call.duration} s\`);
  }
}
`;

/**
 * `nest add nestjs-revrag-webhook`: adds the module, a handler, a secret in `.env` and shutdown hooks to
 * an app as the Nest CLI generates it. What is there already stays as it is.
 *
 * @throws Error for files that look different, with what to add by hand; no file is changed then
 */
export function nestAdd({ sourceRoot = 'src' }: { readonly sourceRoot?: string }) {
  return (tree: Tree, { logger }: Context): void => {
    const main = `${sourceRoot}/main.ts`;
    edit(tree, main, 'Call app.enableShutdownHooks() where the app is made', enableShutdownHooks);
    addModule(tree, sourceRoot, /\/app\.module(\.[jt]s)?['"]/.exec(tree.readText(main))?.[1] ?? '');
    const secret = `whsec_${randomBytes(24).toString('hex')}`;
    if (!tree.exists('.env')) tree.create('.env', '');
    edit(tree, '.env', '', text => addSecret(text, secret));
    // ConfigModule reads .env itself.
    const manifest = tree.readText('package.json');
    const readsEnvFile = !manifest.includes('"@nestjs/config"');
    if (readsEnvFile) edit(tree, 'package.json', '', readEnvFile);
    logger.info(
      'Start the app (npm run start:dev) and, in another terminal, send it a delivery:\n' +
        '  npx revrag-webhook send http://localhost:3000/webhooks/revrag\n' +
        'The secret in .env is a random one, for development: keep the file out of git. In production ' +
        'set REVRAG_WEBHOOK_SECRET to the secret agreed on with RevRag.' +
        (readsEnvFile
          ? '\nThe start scripts read .env and stop if it is missing; start:prod does not read it.'
          : ''),
    );
  };
}

function addModule(tree: Tree, sourceRoot: string, extension: string): void {
  const byHand =
    `Import RevragWebhookModule.forRoot(${SECRET}) in the app's module, and list a provider with a ` +
    'method decorated @OnCallEnded()';
  const handler = `${sourceRoot}/call-ended.handler.ts`;
  edit(tree, `${sourceRoot}/app.module.ts`, byHand, code => {
    if (code.includes('RevragWebhookModule')) return code;
    if (!tree.exists(handler)) tree.create(handler, HANDLER);
    // The variable is set when the factory is called, wherever ConfigModule stands in the list.
    const module = code.includes('ConfigModule')
      ? `RevragWebhookModule.forRootAsync({ useFactory: () => ${SECRET} })`
      : `RevragWebhookModule.forRoot(${SECRET})`;
    const withModule = addToModule(code, 'imports', module);
    const withHandler = addToModule(withModule, 'providers', 'CallEndedHandler');
    const imported = addImport(withHandler, `import { RevragWebhookModule } from '${NAME}';`);
    return addImport(
      imported,
      `import { CallEndedHandler } from './call-ended.handler${extension}';`,
    );
  });
}

/** @param byHand What to do where the file does not look as expected. */
function edit(tree: Tree, path: string, byHand: string, change: (text: string) => string): void {
  const refusal = (problem: string) =>
    new Error(`${path} ${problem}, so nothing was changed. ${byHand}, then run the command again.`);
  if (!tree.exists(path)) throw refusal('is missing');
  const text = tree.readText(path);
  try {
    const changed = change(text);
    if (changed !== text) tree.overwrite(path, changed);
  } catch (error) {
    throw error instanceof UnlikeGenerated ? refusal(error.message) : error;
  }
}
