import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { CallsService } from './calls.service.js';

class Totals {
  @ApiProperty({ example: 2 })
  calls!: number;

  @ApiProperty({ example: 144 })
  seconds!: number;
}

/** Another route of the app, which the document lists beside the endpoint. */
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
