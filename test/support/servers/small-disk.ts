import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIZE = 512 * 1024 * 1024;

/** A file system of its own, which can be made to have no space left. */
export interface SmallDisk {
  readonly folder: string;
  fill(): void;
  free(): void;
  dispose(): void;
}

/** Undefined where nothing may be mounted. */
export function mountSmallDisk(): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'revrag-disk-'));
  const mount = (...args: string[]): unknown => execFileSync('mount', args, { stdio: 'ignore' });
  const resize = (bytes: number): unknown => mount('-o', `remount,size=${bytes}`, folder);
  try {
    mount('-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder);
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  chmodSync(folder, 0o755);
  // Also where it is still in use, such as by a server that has just been killed.
  const unmount = (): unknown => execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
  process.once('exit', unmount);
  return {
    folder,
    fill() {
      for (;;) {
        const { blocks, bfree, bsize } = statfsSync(folder);
        try {
          resize((blocks - bfree) * bsize);
          return;
        } catch {
          // More is in use than a moment ago.
        }
      }
    },
    free: () => resize(SIZE),
    dispose() {
      process.off('exit', unmount);
      unmount();
      rmSync(folder, { recursive: true });
    },
  };
}
