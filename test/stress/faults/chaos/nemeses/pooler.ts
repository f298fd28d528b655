import type { ServerProcess } from '../../../../support/servers/server-process.js';
import { killed, outage, type Nemesis } from './nemesis.js';

export const poolerNemeses = (pooler: ServerProcess): Nemesis[] => [
  killed('PgBouncer killed', pooler),
  outage(
    'PgBouncer stopped',
    () => pooler.pause(),
    () => pooler.resume(),
  ),
];
