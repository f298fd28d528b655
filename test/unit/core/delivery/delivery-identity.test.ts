import { describe, expect, it } from 'vitest';
import { VerifiedDelivery } from 'nestjs-revrag-webhook';
import { digest, digestOf } from '../../../../lib/core/common/digest.js';
import { identityOf } from '../../../../lib/core/delivery/delivery-identity.js';

const BODY = Buffer.from('the body');

interface Sent {
  endpoint?: string;
  params?: Record<string, string>;
  hasFixedSecrets?: boolean;
}

const of = (payload?: unknown, { endpoint = 'default', ...sent }: Sent = {}) =>
  identityOf(
    new VerifiedDelivery('evt_1', 'call.ended', new Date(0), endpoint, BODY, sent),
    payload,
  );
const call = { agent_id: 'agent', call_id: 'call', call_status: 'ENDED' };

describe('the identity of a delivery', () => {
  it('has digests of the body and the call on its endpoint, and of the id', () => {
    expect(of(call)).toEqual({
      call: digest('default', 'agent', 'call', 'ENDED'),
      body: digest('default', digestOf(BODY)),
      id: digest('evt_1'),
    });
  });

  it('has another call for another agent, call, status, endpoint or parameter of the path', () => {
    const calls = [
      of(call),
      ...['agent_id', 'call_id', 'call_status'].map(name => of({ ...call, [name]: 'other' })),
      of({ ...call, agent_id: undefined }),
      of(call, { endpoint: 'other' }),
      of(call, { params: { tenant: 'a' } }),
      of(call, { params: { tenant: 'b' } }),
    ].map(identity => identity.call);
    expect(new Set(calls).size).toBe(calls.length);
  });

  it.each([7, undefined, null, {}])('takes an agent or a status that is %o for none', value => {
    const bare = { ...call, agent_id: '', call_status: '' };
    expect(of({ ...call, agent_id: value, call_status: value }).call).toBe(of(bare).call);
  });

  it.each([undefined, null, 'text', 7, [], {}, { call_id: '' }, { call_id: 7 }])(
    'has the body in the place of a call that %o does not name',
    payload => {
      expect(of(payload).call).toBe(digest('default', of(payload).body));
    },
  );

  it('has another body at another endpoint, or with another parameter of the path', () => {
    const bodies = [
      of(call),
      of(call, { endpoint: 'other' }),
      of(call, { params: { tenant: 'a' } }),
      of(call, { params: { tenant: 'b' } }),
    ].map(identity => identity.body);
    expect(new Set(bodies).size).toBe(bodies.length);
  });

  it('is the same for parameters in any order', () => {
    expect(of(call, { params: { a: '1', b: '2' } })).toEqual(
      of(call, { params: { b: '2', a: '1' } }),
    );
  });

  it('leaves out parameters that no secret depends on', () => {
    const sent = { params: { tenant: 'a' }, hasFixedSecrets: true };
    expect(of(call, sent)).toEqual(of(call));
  });
});
