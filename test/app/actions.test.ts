import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf } from '../adapters/http/opened.js';
import { allowedIn, HERE, openOffice, THERE, type Office } from './office.js';

let office: Office;
let warning: string;
let clerk: string;
let lead: string;
beforeEach(async () => {
  office = await openOffice();
  [warning = ''] = await office.raise([{ name: '某饭店', region: `${HERE}001` }]);
  clerk = await office.token('clerk', { role: 'department', department: 'market' });
  lead = await office.token('chief', { role: 'lead', department: 'county' });
});
afterEach(() => office.close());

const SIGN = { type: 'sign' };
const FEEDBACK = { type: 'feedback', result: 'confirmed', findings: '后厨有异物', measures: '责令改正' };

describe('POST /v1/warnings/:id/actions', () => {
  it('takes a warning from signing to closing, and shows after each what may follow', async () => {
    const signed = await office.act(warning, SIGN, clerk);
    expect([signed.status, JSON.parse(signed.text)]).toMatchObject([200, { id: warning, status: 'signed' }]);
    expect(allowedIn(signed)).toEqual(['start', 'feedback', 'convene', 'hand-over']);
    expect((await office.act(warning, { type: 'start' }, clerk)).status).toBe(200);
    const fedBack = await office.act(warning, FEEDBACK, clerk);
    expect([fedBack.status, JSON.parse(fedBack.text)]).toMatchObject([200, { status: 'fed-back' }]);
    const closed = await office.act(warning, { type: 'close', conclusion: '已改正' }, clerk);
    expect([closed.status, JSON.parse(closed.text)]).toMatchObject([200, { status: 'closed', allowed: [] }]);
    const { actions } = JSON.parse(closed.text) as { actions: { type: string; actor: { id: string } }[] };
    expect(actions.map(({ type, actor }) => [type, actor.id])).toEqual([
      ['sign', 'clerk'],
      ['start', 'clerk'],
      ['feedback', 'clerk'],
      ['close', 'clerk'],
    ]);
  });

  it('answers 409 with the actions allowed where the state forbids it', async () => {
    const answer = await office.act(warning, FEEDBACK, clerk);
    expect([answer.status, codeOf(answer)]).toEqual([409, 'ACTION_ILLEGAL']);
    expect(allowedIn(answer)).toEqual(['sign', 'convene']);
  });

  it('answers 403 where the account may never take it, and says what it may', async () => {
    const answer = await office.act(
      warning,
      { type: 'suspend', reason: '鉴定', until: '2026-04-01T00:00:00Z' },
      clerk,
    );
    expect([answer.status, codeOf(answer)]).toEqual([403, 'ACTION_FORBIDDEN']);
    const above = await office.act(warning, SIGN, lead);
    expect([above.status, codeOf(above)]).toEqual([403, 'ACTION_FORBIDDEN']);
    expect(allowedIn(above)).toEqual(['suspend', 'convene']);
  });

  it.each([
    { type: 'suspend', reason: '鉴定', until: '2020-01-01T00:00:00Z' },
    { type: 'suspend', reason: '鉴定', until: '2027-01-01T00:00:00Z' },
    { type: 'convene', participants: ['nobody'], reason: '会商' },
  ])('answers 422 for particulars that do not fit: %j', async (act) => {
    const answer = await office.act(warning, act, lead);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'ACTION_INVALID']);
  });

  it.each([
    ['{"type":', 'BODY_NOT_JSON'],
    ['[]', 'HTTP_BODY'],
    ['{"type":"dance"}', 'HTTP_BODY'],
    ['{"type":"sign","as":"chief"}', 'HTTP_BODY'],
    ['{"type":"close"}', 'HTTP_BODY'],
    ['{"type":"close","conclusion":"  "}', 'HTTP_BODY'],
    [`{"type":"close","conclusion":"${'x'.repeat(2_001)}"}`, 'HTTP_BODY'],
    ['{"type":"return","department":"../x","reason":"x"}', 'HTTP_BODY'],
    ['{"type":"suspend","reason":"x","until":"tomorrow"}', 'HTTP_BODY'],
  ])('answers 400 for what is no action (%#)', async (body, code) => {
    const answer = await office.ask(`/v1/warnings/${warning}/actions`, {
      body,
      token: clerk,
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, codeOf(answer)]).toEqual([400, code]);
    expect(answer.text).not.toContain('dance');
    expect(JSON.parse((await office.ask(`/v1/warnings/${warning}`, { token: clerk })).text)).toMatchObject({
      actions: [],
    });
  });

  it('answers 401 without a token, with a wrong one, and with one that was revoked', async () => {
    for (const token of [null, 'fh_0123456789abcdef', `${clerk}x`]) {
      const answer = await office.act(warning, SIGN, token);
      expect([answer.status, codeOf(answer)]).toEqual([401, 'HTTP_TOKEN']);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
    await office.embedded.folder.tokens.revoke('clerk');
    expect((await office.act(warning, SIGN, clerk)).status).toBe(401);
    await office.embedded.folder.tokens.revoke('chief');
    // The last one is gone, and nobody passes without one.
    expect((await office.ask('/v1/warnings')).status).toBe(401);
  });

  it('answers 404 for a warning that is unknown, or that the account may not read', async () => {
    const other = await office.token('other', { role: 'department', department: 'ecology' });
    for (const [id, token] of [
      ['f'.repeat(32), clerk],
      [warning, other],
    ] as const) {
      const answer = await office.act(id, SIGN, token);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'HTTP_NOT_FOUND']);
    }
  });

  it('takes an action once however often it is sent under its key, and answers alike', async () => {
    const headers = { 'idempotency-key': 'sign-1' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => office.act(warning, SIGN, clerk, headers)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const again = await office.act(warning, SIGN, clerk, headers);
    expect(again.status).toBe(200);
    expect((JSON.parse(again.text) as { actions: unknown[] }).actions).toHaveLength(1);
    const anew = await office.act(warning, SIGN, clerk);
    expect([anew.status, codeOf(anew)]).toEqual([409, 'ACTION_ILLEGAL']);
  });

  it('refuses a key that named another action, which is not taken', async () => {
    const headers = { 'idempotency-key': 'k' };
    expect((await office.act(warning, SIGN, clerk, headers)).status).toBe(200);
    const other = await office.act(warning, FEEDBACK, clerk, headers);
    expect([other.status, codeOf(other)]).toEqual([422, 'ACTION_KEY']);
    expect(allowedIn(other)).toContain('feedback');
    const again = await office.act(warning, SIGN, clerk, headers);
    expect([again.status, JSON.parse(again.text)]).toMatchObject([200, { status: 'signed' }]);
    expect((await office.audit()).map(({ what, outcome }) => [what, outcome])).toContainEqual([
      'feedback',
      'ACTION_KEY',
    ]);
  });

  it('merges a warning only into one that is there, that the account may read, and not in a circle', async () => {
    const [second = '', hidden = ''] = await office.raise([
      { name: '别店', region: `${HERE}002` },
      { name: '远店', region: `${THERE}001` },
    ]);
    const near = await office.token('near', { role: 'department', department: 'market', region: HERE });
    const merged = (into: string) => ({ ...FEEDBACK, result: 'merged', into });
    for (const one of [warning, second]) await office.act(one, SIGN, near);
    for (const into of ['f'.repeat(32), hidden]) {
      const answer = await office.act(warning, merged(into), near);
      expect([answer.status, codeOf(answer)]).toEqual([422, 'ACTION_INVALID']);
    }
    expect((await office.act(warning, merged(second), near)).status).toBe(200);
    const back = await office.act(second, merged(warning), near);
    expect([back.status, codeOf(back)]).toEqual([422, 'ACTION_INVALID']);
  });

  it('keeps the keys of two accounts apart', async () => {
    const headers = { 'idempotency-key': 'k' };
    expect((await office.act(warning, SIGN, clerk, headers)).status).toBe(200);
    const other = await office.act(
      warning,
      { type: 'convene', participants: ['health'], reason: '会商' },
      lead,
      headers,
    );
    expect(other.status).toBe(200);
    expect((JSON.parse(other.text) as { actions: unknown[] }).actions).toHaveLength(2);
  });

  it.each(['', 'with space', '中', 'k'.repeat(129)])('refuses the key %j', async (key) => {
    const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
    const answer = await office.act(warning, SIGN, clerk, headers);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'HTTP_BODY']);
  });

  it('refuses a body that is too large or of another type', async () => {
    const path = `/v1/warnings/${warning}/actions`;
    const large = await office.act(warning, { type: 'close', conclusion: 'x'.repeat(300_000) }, clerk);
    expect([large.status, codeOf(large)]).toEqual([413, 'BODY_TOO_LARGE']);
    const form = await office.ask(path, {
      body: 'type=sign',
      token: clerk,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([form.status, codeOf(form)]).toEqual([415, 'HTTP_CONTENT_TYPE']);
  });
});

describe('an action that comes as an event', () => {
  const send = async (token: string, act: object, department: string, id = 'e1') => {
    const data = { department, act };
    const event = {
      specversion: '1.0',
      id,
      source: 'urn:cases',
      type: 'fenghuo.action',
      subject: warning,
      data,
    };
    const answer = await office.ask('/v1/events', { json: event, token });
    await office.embedded.drain();
    return JSON.parse(answer.text) as { accepted: number };
  };
  const read = async () =>
    JSON.parse((await office.ask(`/v1/warnings/${warning}`, { token: clerk })).text) as {
      status: string;
      actions: unknown[];
    };

  it('is not taken on a warning outside the region of the account', async () => {
    const far = await office.token('far', { role: 'department', department: 'market', region: THERE });
    await send(far, SIGN, 'market');
    expect(await read()).toMatchObject({ status: 'pushed', actions: [] });
    const near = await office.token('near', { role: 'department', department: 'market', region: HERE });
    await send(near, SIGN, 'market', 'e2');
    expect(await read()).toMatchObject({
      status: 'signed',
      actions: [{ actor: { id: 'near', region: HERE } }],
    });
  });

  it('is taken although another department has used its name', async () => {
    const health = await office.token('health', { role: 'department', department: 'health' });
    await send(health, SIGN, 'health');
    await send(clerk, SIGN, 'market');
    await send(clerk, SIGN, 'market');
    expect((await read()).actions).toHaveLength(1);
  });

  it('stands in the audit log', async () => {
    await send(clerk, SIGN, 'market');
    const [entry] = (await office.audit()).filter(({ what }) => what === 'sign');
    expect(entry).toMatchObject({ account: 'clerk', department: 'market', warning, outcome: 'sent' });
  });
});

describe('a silence', () => {
  const order = async (token: string, match: object) => {
    const until = new Date(office.now + 3_600_000).toISOString();
    const answer = await office.ask('/v1/silences', { json: { reason: '检修', until, match }, token });
    return { status: answer.status, id: (JSON.parse(answer.text) as { id: string }).id };
  };
  const seen = async (token: string) =>
    (JSON.parse((await office.ask('/v1/silences', { token })).text) as { items: { id: string }[] }).items;

  it('is ordered, ended and seen within the region of an account only', async () => {
    const near = await office.token('near', { role: 'lead', department: 'county', region: HERE });
    const far = await office.token('far', { role: 'lead', department: 'county', region: THERE });
    for (const match of [{ item: 'food' }, { item: 'food', region: '33' }, { item: 'food', region: THERE }])
      expect((await order(near, match)).status).toBe(403);
    const own = await order(near, { item: 'food', region: `${HERE}001` });
    expect(own.status).toBe(201);
    const end = async (token: string) =>
      (await office.ask(`/v1/silences/${own.id}/end`, { token, method: 'POST' })).status;
    expect(await seen(far)).toEqual([]);
    expect(await end(far)).toBe(403);
    expect(await seen(near)).toMatchObject([{ id: own.id }]);
    expect(await end(near)).toBe(204);
  });

  it('is seen by departments that have a part in its item, and named in the audit log', async () => {
    const { id } = await order(lead, { item: 'food' });
    const other = await office.token('other', { role: 'department', department: 'ecology' });
    const copied = await office.token('copied', { role: 'department', department: 'health' });
    expect(await seen(other)).toEqual([]);
    for (const token of [clerk, lead, copied]) expect(await seen(token)).toMatchObject([{ id }]);
    expect(await office.audit()).toContainEqual(expect.objectContaining({ what: 'silence', silence: id }));
  });
});

interface Entry {
  readonly account: string;
  readonly what: string;
  readonly warning?: string;
}

describe('the audit log', () => {
  it('has every action and every refusal in its order, and is only ever longer', async () => {
    await office.act(warning, SIGN, clerk, { 'idempotency-key': 'a' });
    const before = await office.audit();
    await office.act(warning, FEEDBACK, lead);
    await office.act(warning, { type: 'close', conclusion: '办结' }, clerk);
    await office.act('f'.repeat(32), SIGN, clerk);
    await office.act(warning, SIGN, null);
    await office.ask('/metrics', { token: clerk });
    const after = await office.audit();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(
      after.map(({ account, role, department, what, warning: on, outcome }) => [
        account,
        role,
        department,
        what,
        on === warning ? 'it' : on,
        outcome,
      ]),
    ).toEqual([
      ['clerk', 'department', 'market', 'token', undefined, 'done'],
      ['clerk', 'department', 'market', 'sign', 'it', 'done'],
      ['chief', 'lead', 'county', 'token', undefined, 'done'],
      ['chief', 'lead', 'county', 'feedback', 'it', 'ACTION_FORBIDDEN'],
      ['clerk', 'department', 'market', 'close', 'it', 'ACTION_ILLEGAL'],
      ['clerk', 'department', 'market', 'sign', 'f'.repeat(32), 'absent'],
      [null, null, null, 'act', undefined, 'HTTP_TOKEN'],
      ['clerk', 'department', 'market', 'read-metrics', undefined, 'HTTP_FORBIDDEN'],
    ]);
    expect(after.every(({ at }) => at === office.now)).toBe(true);
  });

  it('holds no token and nothing that anybody wrote', async () => {
    await office.act(warning, SIGN, clerk);
    await office.act(warning, FEEDBACK, clerk);
    await office.act(warning, { type: 'close', conclusion: '秘密结论' }, clerk);
    await office.act(warning, SIGN, 'fh_mistyped-token-0123456789');
    const text = JSON.stringify(await office.audit());
    for (const secret of [clerk, 'fh_', '后厨有异物', '责令改正', '秘密结论', 'mistyped'])
      expect(text).not.toContain(secret);
  });

  it('is read in pages from an offset on, by those who may', async () => {
    await office.act(warning, SIGN, clerk);
    await office.act(warning, SIGN, clerk);
    const auditor = await office.token('auditor', { role: 'auditor' });
    const page = await office.ask('/v1/audit?offset=2&limit=1', { token: auditor });
    expect([page.status, JSON.parse(page.text)]).toMatchObject([
      200,
      { items: [{ offset: 2, account: 'clerk', what: 'sign', outcome: 'ACTION_ILLEGAL' }], total: 4 },
    ]);
    expect((await office.ask('/v1/audit', { token: clerk })).status).toBe(403);
  });

  it('shows who is limited to a region what was done to its warnings, and what he did himself', async () => {
    const [there = ''] = await office.raise([{ name: '远店', region: `${THERE}001` }]);
    for (const one of [warning, there]) await office.act(one, SIGN, clerk);
    await office.act('f'.repeat(32), SIGN, clerk);
    const near = await office.token('near', { role: 'auditor', region: HERE });
    const far = await office.token('far', { role: 'auditor', region: THERE });
    const read = async (token: string, path = '/v1/audit') => {
      const { items } = JSON.parse((await office.ask(path, { token })).text) as { items: Entry[] };
      return items.map(({ account, what, warning: on }) => `${account} ${what} ${on ?? ''}`.trim());
    };
    const nearly = await read(near);
    expect(nearly).toEqual([`clerk sign ${warning}`, 'near token']);
    expect(await read(far)).toEqual([`clerk sign ${there}`, 'far token']);
    // A page is a part of the log, of which not everything may be read.
    expect(await read(near, '/v1/audit?offset=1&limit=1')).toEqual([`clerk sign ${warning}`]);
    expect(await read(near, '/v1/audit?offset=2&limit=1')).toEqual([]);
  });
});
