import type { CallEndedOverrides } from 'nestjs-revrag-webhook/testing';

type Said = readonly (readonly ['assistant' | 'user', string])[];

interface SampleCall {
  readonly agent: string;
  readonly user: string;
  /** Minutes between its end and now. */
  readonly ago: number;
  readonly duration: number | null;
  readonly reason: string;
  /** Undefined if it is not finished yet. */
  readonly summary?: string;
  readonly said: Said;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly collected?: readonly { key: string; type: string; value: unknown }[];
}

const DOCUMENTS: Said = [
  ['assistant', 'Hi, this is Asha from the loans desk. How can I help you today?'],
  ['user', 'I want to apply for a personal loan. Which documents do you need?'],
  ['assistant', 'A proof of identity, a proof of address and your last three payslips.'],
  ['user', 'My company sends payslips only as a link. Is that fine?'],
  ['assistant', 'Yes. Download them as PDF and upload them in the app under “Documents”.'],
  ['user', 'Great, I will do it tonight. Thanks!'],
];
const LOST_CARD: Said = [
  ['assistant', 'नमस्ते! मैं कार्ड हेल्पलाइन से बोल रही हूँ। मैं आपकी कैसे मदद कर सकती हूँ?'],
  ['user', 'मेरा क्रेडिट कार्ड कल शाम मेट्रो में खो गया।'],
  ['assistant', 'चिंता न करें। क्या मैं इसे अभी ब्लॉक कर दूँ?'],
  ['user', 'हाँ, तुरंत कर दीजिए। और नया कार्ड कब तक मिलेगा?'],
  ['assistant', 'कार्ड ब्लॉक हो गया है। नया कार्ड पाँच कार्य दिवसों में आपके पते पर पहुँच जाएगा।'],
  ['user', 'ठीक है, धन्यवाद।'],
];
const RENEWAL: Said = [
  [
    'assistant',
    'Good afternoon! Your health policy ends on the 14th. Shall we go through the renewal?',
  ],
  ['user', 'Haan, lekin premium kitna badha hai is saal?'],
  [
    'assistant',
    'It goes from ₹18,400 to ₹19,900. Your no-claim bonus raises the cover to ₹12 lakh.',
  ],
  ['user', 'Okay. EMI mein de sakte hain kya?'],
  ['assistant', 'Yes, in four quarterly instalments without extra cost. I have sent you the link.'],
  ['user', 'Theek hai, main abhi kar deta hoon.'],
];
const BUSY: Said = [
  ['assistant', 'Hello, is this a good time to talk about your pre-approved offer?'],
  ['user', 'I am driving. Call me after seven, please.'],
  ['assistant', 'Of course. I will call you at 7:15 pm. Drive safely!'],
];
const ELIGIBLE: Said = [
  ['assistant', 'नमस्ते, क्या मैं रोहित जी से बात कर रही हूँ?'],
  ['user', 'जी, बोल रहा हूँ।'],
  ['assistant', 'आपकी आय के हिसाब से आप ₹5 लाख तक के लोन के लिए पात्र हैं। क्या आप आगे बढ़ना चाहेंगे?'],
  ['user', 'ब्याज दर क्या होगी?'],
  ['assistant', '11.5% सालाना, 36 महीनों के लिए। EMI लगभग ₹16,490 होगी।'],
  ['user', 'मुझे सोचने के लिए एक दिन चाहिए।'],
];

export const SAMPLE_CALLS: readonly SampleCall[] = [
  {
    agent: 'Loans',
    user: 'user_20418',
    ago: 1_702,
    duration: 214,
    reason: 'user_hangup',
    summary: 'Asked which documents a personal loan needs. Will upload payslips tonight.',
    said: DOCUMENTS,
    variables: { plan: 'gold', city: 'Pune' },
    collected: [{ key: 'interested_in_loan', type: 'boolean', value: true }],
  },
  {
    agent: 'Cards',
    user: 'user_77120',
    ago: 1_655,
    duration: 143,
    reason: 'agent_hangup',
    summary: 'Lost a credit card in the metro. The card is blocked and a new one ordered.',
    said: LOST_CARD,
    variables: { card_type: 'credit' },
    collected: [{ key: 'card_blocked', type: 'boolean', value: true }],
  },
  {
    agent: 'Loans',
    user: 'user_55902',
    ago: 1_490,
    duration: 26,
    reason: 'user_hangup',
    summary: 'Was driving. A call back is due at 7:15 pm.',
    said: BUSY,
    collected: [{ key: 'call_back_at', type: 'string', value: '19:15' }],
  },
  {
    agent: 'Renewals',
    user: 'user_31007',
    ago: 1_376,
    duration: 322,
    reason: 'user_hangup',
    summary: 'Renews the health policy, paid in four instalments. Payment link sent.',
    said: RENEWAL,
    variables: { policy: 'health', premium: 19_900 },
    collected: [
      { key: 'will_renew', type: 'boolean', value: true },
      { key: 'instalments', type: 'number', value: 4 },
    ],
  },
  {
    agent: 'Cards',
    user: 'user_40233',
    ago: 312,
    duration: 0,
    reason: 'no_answer',
    summary: 'Nobody answered.',
    said: [],
  },
  {
    agent: 'Loans',
    user: 'user_68815',
    ago: 251,
    duration: 187,
    reason: 'user_hangup',
    summary: 'Eligible for ₹5 lakh at 11.5%. Wants a day to think it over.',
    said: ELIGIBLE,
    variables: { plan: 'silver', city: 'Jaipur' },
    collected: [{ key: 'offered_amount', type: 'number', value: 500_000 }],
  },
  {
    agent: 'Renewals',
    user: 'user_90412',
    ago: 198,
    duration: 61,
    reason: 'error',
    summary: 'The line broke before the premium was discussed.',
    said: RENEWAL.slice(0, 2),
    variables: { policy: 'motor' },
  },
  {
    agent: 'Cards',
    user: 'user_12876',
    ago: 96,
    duration: 118,
    reason: 'agent_hangup',
    summary: 'Second report of the lost card. It was blocked already.',
    said: LOST_CARD.slice(0, 4),
  },
  {
    agent: 'Loans',
    user: 'user_83641',
    ago: 41,
    duration: 274,
    reason: 'user_hangup',
    summary: 'Asked for documents and whether a link to payslips will do.',
    said: DOCUMENTS,
    variables: { plan: 'gold', city: 'Kochi' },
  },
  {
    agent: 'Renewals',
    user: 'user_25530',
    ago: 17,
    duration: 240,
    reason: 'user_hangup',
    summary: 'Renews the policy and asks for instalments.',
    said: RENEWAL,
    variables: { policy: 'health', premium: 21_300 },
  },
  // Their summaries come later, or never.
  {
    agent: 'Loans',
    user: 'user_47719',
    ago: 4,
    duration: 95,
    reason: 'user_hangup',
    said: ELIGIBLE.slice(0, 5),
  },
  {
    agent: 'Cards',
    user: 'user_66102',
    ago: 1,
    duration: null,
    reason: '',
    said: LOST_CARD.slice(0, 1),
  },
];

/** The call as RevRag would send it. */
export function payloadOf(call: SampleCall, index: number, now: number): CallEndedOverrides {
  const ended = now - call.ago * 60_000;
  return {
    call_id: `call_${now.toString(36)}_${index + 1}`,
    agent_id: call.agent,
    app_user_id: call.user,
    start_time: new Date(ended - (call.duration ?? 0) * 1_000).toISOString(),
    end_time: new Date(ended).toISOString(),
    duration: call.duration,
    disconnection_reason: call.reason,
    summary: call.summary ?? null,
    recording_url: call.said.length > 0 ? 'https://recordings.example/call.mp3' : null,
    transcription: { messages: call.said.map(([role, content]) => ({ role, content })) },
    custom_variables: [...(call.collected ?? [])],
    variables_fields: { ...call.variables },
  };
}
