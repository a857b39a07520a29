import { describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import type { ActionRecord } from '../../src/alerts/inbox.js';
import type { ActionSender } from '../../src/pipeline/action-events.js';
import type { AuditEntry } from '../../src/pipeline/audit.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Ingest } from '../../src/pipeline/ingest.js';
import type { Logs } from '../../src/ports/log.js';

const AT = Date.UTC(2026, 8, 16, 2);
const WARNING = '0123456789abcdef'.repeat(2);
const event = (change: object = {}, data: object = {}) => ({
  specversion: '1.0',
  id: 'k-1',
  source: '/market/case-system',
  type: 'fenghuo.action',
  subject: WARNING,
  data: { department: 'market', act: { type: 'sign' }, ...data },
  ...change,
});
const market: ActionSender = (department) => ({
  actor: { id: 'case-system', role: 'department', department: 'market' },
  allowed: department === 'market',
});

async function taken(events: readonly object[], sender?: ActionSender) {
  const stores = openMemory();
  const names = [
    'events',
    'inbox',
    'verdicts',
    'deliveries',
    'actions',
    'withheld',
    'cases',
    'dead-letters',
    'operator',
    'audit',
  ] as const;
  const logs = Object.fromEntries(names.map((name) => [name, stores.log(name)])) as unknown as Logs;
  const siteKey = new Uint8Array(32);
  const ingest = new Ingest({
    logs,
    vault: stores.vault,
    siteKey,
    probe: () => undefined,
    inboxClock: () => AT - 500,
  });
  const accepted = await ingest.accept(JSON.stringify(events), AT, sender);
  const inbox = (await logs.inbox.read(0, 0, 100)).map(({ value }) => decodeJson<ActionRecord>(value));
  const audit = (await logs.audit.read(0, 0, 100)).map(({ value }) => decodeJson<AuditEntry>(value));
  return { accepted, inbox, audit, log: await logs.events.end(0) };
}

describe('an action that comes as an event', () => {
  it('goes to the inbox and not to the events, dated by the clock of the warnings, with the sender as its actor', async () => {
    const { accepted, inbox, log } = await taken([event()], market);
    expect(accepted).toMatchObject({ accepted: 1, rejected: 0 });
    expect(log).toBe(0);
    expect(inbox).toEqual([
      {
        kind: 'action',
        id: 'market /market/case-system k-1',
        at: AT - 500,
        warning: WARNING,
        actor: { id: 'case-system', role: 'department', department: 'market' },
        act: { type: 'sign' },
      },
    ]);
  });

  it('is refused for another department, or where the sender may act for nobody', async () => {
    for (const sender of [market, undefined]) {
      const { accepted, inbox } = await taken([event({}, { department: 'fire' })], sender);
      expect(accepted).toMatchObject({ accepted: 0, rejected: 1, errors: [{ code: 'ACTION_FORBIDDEN' }] });
      expect(inbox).toEqual([]);
    }
  });

  it('stands in the audit log, sent or refused, with who sent it', async () => {
    const { audit } = await taken([event(), event({ id: 'k-2' }, { department: 'fire' })], market);
    const entry = { at: AT, account: 'case-system', role: 'department', department: 'market', what: 'sign' };
    expect(audit).toEqual([
      { ...entry, warning: WARNING, outcome: 'sent' },
      { ...entry, warning: WARNING, outcome: 'ACTION_FORBIDDEN' },
    ]);
    const stranger = await taken([event()]);
    expect(stranger.audit).toEqual([]);
  });

  it.each([
    [event({ subject: 'x' }), 'subject'],
    [event({ id: '' }), 'id'],
    [event({}, { act: { type: 'dance' } }), 'data.act.type'],
    [event({}, { act: { type: 'close' } }), 'data.act.conclusion'],
    [event({}, { act: { type: 'sign', more: 1 } }), 'data.act'],
  ])(
    'is refused with the field that is wrong, and the rest of the body is taken: %j',
    async (wrong, field) => {
      const { accepted, inbox } = await taken([wrong, event({ id: 'k-2' })], market);
      expect(accepted).toMatchObject({ accepted: 1, rejected: 1, errors: [{ field }] });
      expect(inbox.map(({ id }) => id)).toEqual(['market /market/case-system k-2']);
    },
  );
});
