import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { CliError } from './cli-error.js';

/**
 * The bytes of a file; of standard input for `-`.
 *
 * @throws CliError that says what to do
 */
export async function readBytes(path: string): Promise<Buffer> {
  if (path === '-') return buffer(process.stdin);
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError('read', path, error);
  }
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'There is nothing at that path.',
  EISDIR: 'It is a folder; a file is needed.',
  ENOTDIR: 'A part of that path is a file, not a folder.',
  EACCES: 'Permission is denied: check its permissions.',
  EPERM: 'Permission is denied: check its permissions.',
  EROFS: 'The file system is read-only.',
  ENOSPC: 'The disk is full.',
};

export function fileError(action: 'read' | 'write', path: string, error: unknown): CliError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new CliError(`Can't ${action} ${path} (${code}).`, HINTS[code]);
}
