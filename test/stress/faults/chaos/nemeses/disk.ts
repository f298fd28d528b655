import type { ServerProcess } from '../../../../support/servers/server-process.js';
import type { SmallDisk } from '../../../../support/servers/small-disk.js';
import { outage, type Nemesis } from './nemesis.js';

/** A server that ends because it can't write is started again once there is space. */
export const diskNemeses = (
  disk: SmallDisk | undefined,
  serverNow: () => ServerProcess,
): Nemesis[] =>
  disk
    ? [
        outage(
          'disk full',
          () => disk.fill(),
          async () => {
            disk.free();
            if (serverNow().hasEnded) await serverNow().start();
          },
        ),
      ]
    : [];
