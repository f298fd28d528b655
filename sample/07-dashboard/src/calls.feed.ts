import { Injectable } from '@nestjs/common';
import { RevragWebhookService, type CallEndedDto, type RevragEvent } from 'nestjs-revrag-webhook';
import { filter, map, ReplaySubject, type Observable } from 'rxjs';

/** What the page shows of a call. */
export interface ShownCall {
  readonly id: string;
  readonly agent: string;
  readonly user: string;
  readonly startedAt: string | null;
  readonly endedAt: string;
  /** Seconds. */
  readonly duration: number | null;
  /** Empty until it is finished. */
  readonly summary: string;
  readonly reason: string;
  readonly recording: string | null;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** How many calls a page gets when it opens. */
const KEPT = 50;

/** The calls that end in this process. A subscriber first gets the last ones. */
@Injectable()
export class CallsFeed {
  private readonly recent = new ReplaySubject<ShownCall>(KEPT);

  constructor(webhook: RevragWebhookService) {
    webhook.events$
      .pipe(
        filter((event): event is RevragEvent<CallEndedDto> => event.type === 'call.ended'),
        map(({ payload, delivery }) => show(payload, delivery.timestamp)),
      )
      .subscribe(this.recent);
  }

  get calls$(): Observable<ShownCall> {
    return this.recent.asObservable();
  }
}

function show(call: CallEndedDto, sentAt: Date): ShownCall {
  return {
    id: call.call_id,
    agent: call.agent_id ?? '',
    user: call.app_user_id ?? '',
    startedAt: call.start_time ?? null,
    endedAt: call.end_time ?? sentAt.toISOString(),
    duration: call.duration ?? null,
    summary: call.summary ?? '',
    reason: call.disconnection_reason ?? '',
    recording: call.recording_url ?? null,
    variables: variablesOf(call),
    messages: (call.transcription?.messages ?? []).map(({ role, content }) => ({
      role: role ?? '',
      content: content ?? '',
    })),
  };
}

function variablesOf(call: CallEndedDto): ShownCall['variables'] {
  const collected = (call.custom_variables ?? []).map(({ key, value }) => [key, value] as const);
  const given = Object.entries(call.variables_fields ?? {});
  return [...collected, ...given].map(([name, value]) => ({ name, value: textOf(value) }));
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
}
