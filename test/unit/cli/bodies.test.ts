import { describe, expect, it } from 'vitest';
import { withNewCall } from '../../../lib/cli/send/bodies.js';

const ID = '[0-9a-f-]{36}';
const changed = (text: string) => withNewCall(Buffer.from(text))?.toString();

describe('withNewCall', () => {
  it('replaces the call id of the call, and no other byte', () => {
    const body =
      '\ufeff{ "c":"c", "x": [{"call_id":"c"}], "call_id" :\t"c", "é": 72.0, "y": {"call_id": "c"} }\r\n';
    expect(changed(body)).toMatch(
      new RegExp(
        '^\ufeff\\{ "c":"c", "x": \\[\\{"call_id":"c"\\}\\], "call_id" :\t"' +
          `${ID}", "é": 72\\.0, "y": \\{"call_id": "c"\\} \\}\r\n$`,
      ),
    );
    expect(changed(body)).not.toBe(changed(body));
  });

  it.each(['', '{', '[]', '"call_id"', '{"a":"call_id"}', '{"call_id":7}', '[{"call_id":"c"}]'])(
    'leaves %j alone',
    body => expect(changed(body)).toBeUndefined(),
  );
});
