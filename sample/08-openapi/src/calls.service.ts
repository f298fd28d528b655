import { Injectable } from '@nestjs/common';
import { CallEndedDto, OnCallEnded } from 'nestjs-revrag-webhook';

/** Your code. */
@Injectable()
export class CallsService {
  private readonly durations = new Map<string, number>();

  @OnCallEnded()
  save(call: CallEndedDto): void {
    this.durations.set(call.call_id, call.duration ?? 0);
  }

  get totals(): { calls: number; seconds: number } {
    const durations = [...this.durations.values()];
    return { calls: durations.length, seconds: durations.reduce((sum, next) => sum + next, 0) };
  }
}
