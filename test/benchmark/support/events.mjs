import { Buffer } from 'node:buffer';

/** The sizes that the targets name, in bytes. */
export const SIZES = [
  { label: '0.8 kB', bytes: 800, language: 'english' },
  { label: '40 kB', bytes: 40_000, language: 'english' },
  { label: '800 kB', bytes: 800_000, language: 'english' },
  { label: '800 kB Hindi', bytes: 800_000, language: 'hindi' },
];

const SENTENCES = {
  english: [
    'Good morning! I can help you with your loan application today. What would you like to know?',
    'Which papers do you need from me for a home loan, and how long does the decision take?',
    'A copy of your passport, your last three pay slips and the bank statements of half a year.',
    'I have "all of that" but the statements. Can I send them later, say by the end of the month?',
  ],
  hindi: [
    'सुप्रभात! आज मैं आपके ऋण आवेदन में आपकी क्या सहायता कर सकती हूँ?',
    'गृह ऋण के लिए आपको मुझसे कौन से काग़ज़ चाहिए, और निर्णय में कितना समय लगता है?',
    'आपके पासपोर्ट की प्रति, पिछली तीन वेतन पर्चियाँ और छह महीने का बैंक विवरण।',
    'मेरे पास विवरण को छोड़कर सब कुछ है। क्या मैं उसे महीने के अंत तक भेज सकता हूँ?',
  ],
};

const NUMBER_DIGITS = 12;

/**
 * A `call.ended` event of about `bytes` bytes, nearly all of it transcript. The bytes up to the number of
 * the event are the same for all, so that thousands of large ones need no memory; the rest is its own.
 *
 * @param {Record<string, unknown>} envelope Fields that a peer's own format asks for.
 * @returns {{ prefix: Buffer, suffix: (number: number) => Buffer }}
 */
export function eventTemplate(bytes, language, envelope = {}) {
  const sentences = SENTENCES[language];
  const event = {
    ...envelope,
    call_status: 'ENDED',
    agent_id: 'agent_loans',
    summary: '',
    start_time: '2026-03-02T09:15:00+00:00',
    end_time: '2026-03-02T09:16:24+00:00',
    duration: 84,
    disconnection_reason: 'user_hangup',
    recording_url: 'https://recordings.example/7b0f3c52.mp3',
    transcription: { messages: [] },
    custom_variables: [{ key: 'interested_in_loan', type: 'boolean', value: true }],
    variables_fields: { plan: 'gold' },
    app_user_id: 'user_5512',
    // Each event is a call of its own, as deliveries of one call are looked up together.
    call_id: `7b0f3c52-6a54-4d0e-9f0b-${'0'.repeat(NUMBER_DIGITS)}`,
  };
  const { messages } = event.transcription;
  let size = Buffer.byteLength(JSON.stringify(event));
  for (;;) {
    const turn = messages.length;
    const message = {
      role: turn % 2 === 0 ? 'assistant' : 'user',
      content: sentences[turn % sentences.length],
    };
    size += Buffer.byteLength(JSON.stringify(message)) + 1;
    if (size > bytes) break;
    messages.push(message);
  }
  const used = Buffer.byteLength(JSON.stringify(event));
  event.summary = 'x'.repeat(Math.max(0, bytes - used));
  const json = Buffer.from(JSON.stringify(event));
  const prefix = json.subarray(0, json.length - NUMBER_DIGITS - '"}'.length);
  const suffix = number => Buffer.from(`${String(number).padStart(NUMBER_DIGITS, '0')}"}`);
  return { prefix, suffix };
}

/** One event as a whole. */
export function event(bytes, language = 'english', number = 0, envelope = {}) {
  const { prefix, suffix } = eventTemplate(bytes, language, envelope);
  return Buffer.concat([prefix, suffix(number)]);
}
