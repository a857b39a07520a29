import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf } from '../adapters/http/opened.js';
import { allowedIn, HERE, openOffice, type Office } from './office.js';

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
});
