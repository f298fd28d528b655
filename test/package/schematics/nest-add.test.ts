import { callRule, HostTree, type Rule, type Tree } from '@angular-devkit/schematics';
import {
  SchematicTestRunner,
  type UnitTestTree,
} from '@angular-devkit/schematics/testing/index.js';
import { fileURLToPath } from 'node:url';
import { firstValueFrom, from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { nestAdd } from '../../../lib/schematics/nest-add.js';

const templates = fileURLToPath(
  new URL('../../../node_modules/@nestjs/schematics/dist/collection.json', import.meta.url),
);

/** An app as `nest new` makes it, with its files at the root. */
async function generate(type: 'esm' | 'cjs'): Promise<Tree> {
  const runner = new SchematicTestRunner('@nestjs/schematics', templates);
  const made: UnitTestTree = await runner.runSchematic('application', { name: 'app', type });
  const tree = new HostTree();
  for (const path of made.files) tree.create(path.replace(/^\/app\//, '/'), made.read(path)!);
  return tree;
}

async function add(tree: Tree): Promise<string> {
  let said = '';
  const logger = { info: (message: string) => (said += message) };
  const rule: Rule = nestAdd({ sourceRoot: 'src' });
  await firstValueFrom(from(callRule(rule, tree, { logger } as never)));
  return said;
}

const contents = (tree: Tree): Map<string, string> => {
  const files = new Map<string, string>();
  tree.visit(path => files.set(path, tree.readText(path)));
  return files;
};

const changed = (before: Map<string, string>, after: Map<string, string>): string[] =>
  [...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);

describe.each([
  ['esm', '.js'],
  ['cjs', ''],
] as const)('nest add, in an app of Nest that is %s', (type, extension) => {
  it('adds module, handler, secret and shutdown hooks, and nothing the second time', async () => {
    const tree = await generate(type);
    const before = contents(tree);
    const said = await add(tree);
    expect(said).toContain('npx revrag-webhook send');
    expect(said).toContain('The start scripts read .env');
    const after = contents(tree);
    expect(changed(before, after).sort()).toEqual([
      '/.env',
      '/package.json',
      '/src/app.module.ts',
      '/src/call-ended.handler.ts',
      '/src/main.ts',
    ]);
    expect(after.get('/src/app.module.ts')).toContain(
      `import { CallEndedHandler } from './call-ended.handler${extension}';

@Module({
  imports: [RevragWebhookModule.forRoot(process.env.REVRAG_WEBHOOK_SECRET)],
  controllers: [AppController],
  providers: [CallEndedHandler, AppService],
})`,
    );
    expect(after.get('/src/main.ts')).toContain(`
  const app = await NestFactory.create(AppModule);
  app.enableShutdownHooks();
`);
    expect(after.get('/.env')).toMatch(/^REVRAG_WEBHOOK_SECRET=whsec_[0-9a-f]{48}\n$/);
    const { scripts } = JSON.parse(after.get('/package.json')!) as {
      scripts: Record<string, string>;
    };
    expect(scripts['start:dev']).toBe('nest start --env-file .env --watch');
    expect(scripts['start:prod']).toBe('node dist/main');

    await add(tree);
    expect(changed(after, contents(tree))).toEqual([]);
  });

  it('keeps what is there: line ends, lists on several lines, other variables', async () => {
    const tree = await generate(type);
    tree.create('.env', 'PORT=1');
    tree.overwrite(
      'src/app.module.ts',
      tree
        .readText('src/app.module.ts')
        .replace('imports: [],', 'imports: [\n    ConfigModule.forRoot(),\n    Other,\n  ],')
        .replace(/\n/g, '\r\n'),
    );
    await add(tree);
    expect(tree.readText('.env')).toMatch(/^PORT=1\nREVRAG_WEBHOOK_SECRET=\S+\n$/);
    const module = tree.readText('src/app.module.ts');
    expect(module).toContain(
      'imports: [\r\n' +
        '    RevragWebhookModule.forRootAsync({ useFactory: () => process.env.REVRAG_WEBHOOK_SECRET }),\r\n' +
        '    ConfigModule.forRoot(),\r\n',
    );
    expect(module.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('adds the lists that a module does not have', async () => {
    const tree = await generate(type);
    tree.overwrite(
      'src/app.module.ts',
      "import { Module } from '@nestjs/common';\n\n@Module({})\nexport class AppModule {}\n",
    );
    await add(tree);
    expect(tree.readText('src/app.module.ts')).toContain(`@Module({
  providers: [CallEndedHandler],
  imports: [RevragWebhookModule.forRoot(process.env.REVRAG_WEBHOOK_SECRET)],
})`);
  });

  it.each([
    ['src/main.ts', 'export {};\n', 'has no `const app = await NestFactory.create'],
    ['src/app.module.ts', 'export class AppModule {}\n', 'has no @Module({ … })'],
    ['src/app.module.ts', '@Module({ imports: all })\n', 'has imports that are not a list'],
  ])('says what to do by hand where %s is %j', async (path, text, problem) => {
    const tree = await generate(type);
    tree.overwrite(path, text);
    await expect(add(tree)).rejects.toThrow(`${path} ${problem}`);
    await expect(add(tree)).rejects.toThrow(/so nothing was changed\. .*run the command again\./);
  });

  it('says which file is missing', async () => {
    const tree = await generate(type);
    tree.delete('src/main.ts');
    await expect(add(tree)).rejects.toThrow('src/main.ts is missing, so nothing was changed');
  });
});
