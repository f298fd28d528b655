const VARIABLE = 'REVRAG_WEBHOOK_SECRET';

/** A file that does not look as the Nest CLI writes it. */
export class UnlikeGenerated extends Error {
  override readonly name = 'UnlikeGenerated';
}

/** Adds an element in front of a list of `@Module({ … })`, or the list. */
export function addToModule(code: string, list: 'imports' | 'providers', element: string): string {
  const [before = '', module, ...others] = code.split('@Module({');
  if (module === undefined || others.length > 0) {
    throw new UnlikeGenerated('has no @Module({ … }), or several');
  }
  const key = new RegExp(`\\b${list}:\\s*(\\[?)(\\s*)(\\]?)`).exec(module);
  if (key && !key[1]) throw new UnlikeGenerated(`has ${list} that are not a list`);
  if (!key) {
    const gap = module.startsWith('}') ? newline(code) : '';
    return `${before}@Module({${newline(code)}  ${list}: [${element}],${gap}${module}`;
  }
  const [found, , space = '', end] = key;
  const added = end
    ? `${list}: [${element}]`
    : `${list}: [${space}${element},${space === '' ? ' ' : space}`;
  return `${before}@Module({${module.replace(found, () => added)}`;
}

/** Adds a line behind the last import. */
export function addImport(code: string, line: string): string {
  const last = [...code.matchAll(/^import [^;]*;\r?\n/gm)].at(-1);
  const at = last ? last.index + last[0].length : 0;
  return `${code.slice(0, at)}${line}${newline(code)}${code.slice(at)}`;
}

/** Calls `enableShutdownHooks()` where the app is made. */
export function enableShutdownHooks(code: string): string {
  if (code.includes('enableShutdownHooks')) return code;
  const made = /^([ \t]*)(?:const|let) (\w+) = await NestFactory\.create[^;]*;\r?\n/m.exec(code);
  if (!made) throw new UnlikeGenerated('has no `const app = await NestFactory.create(…);`');
  const [statement, indent = '', app = ''] = made;
  const call = `${indent}${app}.enableShutdownHooks();${newline(code)}`;
  return code.replace(statement, () => statement + call);
}

/** Adds a secret to the text of an `.env` file. */
export function addSecret(env: string, secret: string): string {
  if (new RegExp(`^\\s*(export\\s+)?${VARIABLE}\\s*=`, 'm').test(env)) return env;
  const gap = env === '' || env.endsWith('\n') ? '' : newline(env);
  return `${env}${gap}${VARIABLE}=${secret}${newline(env)}`;
}

/** Has the scripts that start the app by `nest start` read `.env`. */
export const readEnvFile = (manifest: string): string =>
  manifest.replace(/("start[^"]*": "nest start)(?=[" ])(?![^"]*--env-file)/g, '$1 --env-file .env');

const newline = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');
