import type { CallEndedDto } from '../../core/events/dto/call-ended.dto.js';
import { printable, printableLines } from '../../core/common/printable.js';
import type { Terminal } from '../terminal.js';
import { duration } from '../verify/age.js';
import type { ReceivedEvent } from './receiver-app.js';

const LABEL_WIDTH = 12;

/** Writes an event for a reader: a call with its conversation, any other event as JSON. */
export function printEvent({ payload, delivery }: ReceivedEvent, terminal: Terminal): void {
  const title = `${printable(delivery.type)}  ${printable(delivery.id)}`;
  terminal.out();
  terminal.out(
    `${terminal.paint(['bold', 'cyan'], title)}  ${terminal.paint('dim', `signed ${delivery.timestamp.toISOString()}`)}`,
  );
  if (delivery.type === 'call.ended') printCall(payload as CallEndedDto, terminal);
  else terminal.out(printableLines(JSON.stringify(payload, null, 2)));
}

function printCall(call: CallEndedDto, terminal: Terminal): void {
  const field = (label: string, value: string | null | undefined) => {
    if (!value) return;
    const lines = wrap(value, terminal.width - LABEL_WIDTH - 2);
    lines.forEach((line, index) => {
      const head = (index === 0 ? label : '').padEnd(LABEL_WIDTH);
      terminal.out(`  ${terminal.paint('dim', head)}${line}`);
    });
  };
  field('call', call.call_id);
  field('agent', call.agent_id);
  field('status', [call.call_status, call.disconnection_reason].filter(Boolean).join(', '));
  field('time', [call.start_time, call.end_time].filter(Boolean).join(' to '));
  field('duration', typeof call.duration === 'number' ? duration(call.duration) : undefined);
  field('user', call.app_user_id);
  field('recording', call.recording_url);
  field('summary', call.summary);
  field('extracted', listVariables(call));
  field('variables', listFields(call.variables_fields));
  printTranscript(call, terminal);
}

const listVariables = ({ custom_variables: list }: CallEndedDto): string =>
  (list ?? []).map(({ key, value }) => `${key} = ${JSON.stringify(value)}`).join('\n');

const listFields = (fields: object | null | undefined): string =>
  Object.entries(fields ?? {})
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    .join('\n');

function printTranscript({ transcription }: CallEndedDto, terminal: Terminal): void {
  const messages = transcription?.messages ?? [];
  if (messages.length > 0) terminal.out();
  for (const { role, content } of messages) {
    const name = printable(role ?? '?', LABEL_WIDTH - 2).padEnd(LABEL_WIDTH);
    const [first = '', ...rest] = wrap(content ?? '', terminal.width - LABEL_WIDTH - 2);
    terminal.out(`  ${terminal.paint(role === 'user' ? 'green' : 'yellow', name)}${first}`);
    for (const line of rest) terminal.out(`  ${' '.repeat(LABEL_WIDTH)}${line}`);
  }
}

/** Breaks text at its own line ends, and at spaces where a line gets too long. */
function wrap(text: string, width: number): string[] {
  return printableLines(text)
    .split('\n')
    .flatMap(paragraph => {
      const lines: string[] = [''];
      for (const word of paragraph.split(' ')) {
        const line = lines.at(-1) as string;
        if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
      }
      return lines;
    });
}
