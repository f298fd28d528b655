import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { CallsService } from './calls.service.js';

class Totals {
  @ApiProperty({ example: 2 })
  calls!: number;

  @ApiProperty({ example: 144 })
  seconds!: number;
}

/** A route of the app's own, which stands beside the endpoint in the document. */
@ApiTags('calls')
@Controller('calls')
export class CallsController {
  constructor(private readonly calls: CallsService) {}

  @Get('totals')
  @ApiOperation({ summary: 'How many calls have ended, and how long they took' })
  @ApiOkResponse({ type: Totals })
  totals(): Totals {
    return this.calls.totals;
  }
}
