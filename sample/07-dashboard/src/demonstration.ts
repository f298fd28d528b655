import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';

const DURATIONS = [72, 184, 31, 240, 12, 95, 143, 8, 61, 118];
const CONVERSATIONS = [
  [
    ['assistant', 'Hi! How can I help you today?'],
    ['user', 'What documents do I need for a loan?'],
    ['assistant', 'A proof of identity and your last three payslips.'],
    ['user', 'Thanks, that is all.'],
  ],
  [
    ['assistant', 'नमस्ते! मैं आपकी कैसे मदद कर सकती हूँ?'],
    ['user', 'मेरा कार्ड खो गया है।'],
    ['assistant', 'मैंने उसे बंद कर दिया है। नया कार्ड पाँच दिन में आएगा।'],
  ],
  [
    ['assistant', 'Hello, is this a good time?'],
    ['user', '<b>No</b> & please <script>alert("call later")</script>'],
  ],
] as const;

/** Sends ten calls, waiting before each; how many. */
export async function sendCalls(
  url: string,
  secret: string,
  wait: () => Promise<unknown>,
): Promise<number> {
  for (const [index, duration] of DURATIONS.entries()) {
    await wait();
    const ended = Date.now() - (DURATIONS.length - index) * 60_000;
    const conversation = CONVERSATIONS[index % CONVERSATIONS.length] ?? [];
    const call = callEnded({
      call_id: `call_${index + 1}`,
      agent_id: index % 2 ? 'cards' : 'loans',
      duration,
      start_time: new Date(ended - duration * 1000).toISOString(),
      end_time: new Date(ended).toISOString(),
      transcription: { messages: conversation.map(([role, content]) => ({ role, content })) },
    });
    const { body, headers } = signDelivery({ secret, body: call });
    const { status } = await fetch(url, { method: 'POST', headers, body });
    if (status !== 200) throw new Error(`The delivery was answered ${status}`);
  }
  return DURATIONS.length;
}
