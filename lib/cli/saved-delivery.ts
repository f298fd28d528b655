import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CliError } from './cli-error.js';
import { fileError } from './files.js';

const HEADERS = '.headers.json';
const BODY = '.body.json';

/** A delivery as it was received: its headers and its exact bytes. */
interface SavedDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Keeps deliveries in a folder, two files each; their names sort in the order of receipt. */
export class DeliveryFolder {
  private count = 0;

  constructor(private readonly path: string) {}

  /** @throws CliError where the folder can't be made, or nothing can be written into it */
  async open(): Promise<this> {
    const probe = join(this.path, `.probe-${process.pid}`);
    try {
      await makeFolder(resolve(this.path));
      await writeFile(probe, '', { flag: 'wx' });
      await rm(probe);
      return this;
    } catch (error) {
      throw fileError('write', this.path, error);
    }
  }

  /** @returns the path of the two files, without their endings */
  async save(id: string, { headers, body }: SavedDelivery): Promise<string> {
    this.count += 1;
    const time = new Date().toISOString().replace(/[:.]/g, '-');
    const number = String(this.count).padStart(6, '0');
    // The sender chose the id, so it must not form a path.
    const name = `${time}_${number}_${id.replace(/[^\w-]/g, '-').slice(0, 80)}`;
    const path = join(this.path, name);
    // 'wx' overwrites nothing. Transcripts are personal data, so only the owner may read them.
    const options = { flag: 'wx', mode: 0o600 };
    await writeFile(path + BODY, body, options);
    await writeFile(path + HEADERS, `${JSON.stringify(headers, null, 2)}\n`, options);
    return path;
  }
}

/** With its parents. Node's own `recursive` never returns for a folder in /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = dirname(path);
    // The parent exists and refuses: creating it again would change nothing.
    if (code !== 'ENOENT' || existsSync(parent)) throw error;
    await makeFolder(parent);
    await mkdir(path);
  }
}

/** @throws CliError where the folder can't be read, or holds no delivery */
export async function listSaved(folder: string): Promise<readonly string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw fileError('read', folder, error);
  }
  const saved = names.filter(name => name.endsWith(HEADERS)).sort();
  if (saved.length > 0) return saved.map(name => join(folder, name.slice(0, -HEADERS.length)));
  throw new CliError(
    `There is no delivery in ${folder}.`,
    `It must hold pairs of files <name>${HEADERS} and <name>${BODY}, as "listen --save" writes them.`,
  );
}

/** @throws CliError where one of the two files is missing or not as `save` writes it */
export async function readSaved(path: string): Promise<SavedDelivery> {
  const [headers, body] = await Promise.all([read(path + HEADERS), read(path + BODY)]);
  return { headers: parseHeaders(path, headers.toString('utf8')), body };
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError('read', path, error);
  }
}

function parseHeaders(path: string, json: string): Record<string, string> {
  try {
    const value = JSON.parse(json) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const entries = Object.entries(value).filter(([, each]) => typeof each === 'string');
      return Object.fromEntries(
        entries.map(([name, each]) => [name.toLowerCase(), each as string]),
      );
    }
  } catch {
    // Reported below, without the parser's message, which quotes the file.
  }
  throw new CliError(`${path}${HEADERS} is not a JSON object of headers.`);
}
