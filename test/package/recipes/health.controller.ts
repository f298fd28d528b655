import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { QueueHealthIndicator } from './queue.health.js';
import { StoreHealthIndicator } from './store.health.js';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly store: StoreHealthIndicator,
    private readonly queue: QueueHealthIndicator,
  ) {}

  /** May deliveries be sent here? */
  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.store.check('store'), () => this.queue.check('queue')]);
  }
}
