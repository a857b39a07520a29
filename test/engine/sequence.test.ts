import { describe, expect, it } from 'vitest';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';
import { DAY, deadline, run, rulesOf, type Arrival } from './sequences.js';

const FAIL = { inspection: 'J-1', result: 'fail' };

const THEN = rulesOf(`sequence:
  - { from: inspection, where: 'event.result == "fail"' }
  - { from: complaint, within: 14d }
over: 30d`);

describe('an event after another', () => {
  it('completes the match, which counts for the window', () => {
    const { said } = run(
      THEN,
      [
        { at: 0, stream: 'inspection', data: FAIL },
        { at: 3, stream: 'complaint' },
      ],
      60,
    );
    expect(said).toEqual([
      [3, 'blue', 'raised'],
      [33, 'none', 'cleared'],
    ]);
  });

  it.each([
    [14, 1],
    [14 + 1 / DAY, 0],
  ])('on day %d counts %d: within includes its end', (day, count) => {
    const { said } = run(
      THEN,
      [
        { at: 0, stream: 'inspection', data: FAIL },
        { at: day, stream: 'complaint' },
      ],
      30,
    );
    expect(said).toHaveLength(count);
  });

  it('does not count before the first', () => {
    const { said } = run(
      THEN,
      [
        { at: 0, stream: 'complaint' },
        { at: 1, stream: 'inspection', data: FAIL },
      ],
      90,
    );
    expect(said).toEqual([]);
  });

  it('is told from the one before by its id where both happened at one instant', () => {
    const inspection = { at: 0, stream: 'inspection', data: FAIL, id: 'm' } as const;
    expect(run(THEN, [inspection, { at: 0, stream: 'complaint', id: 'z' }], 1).said).toHaveLength(1);
    expect(run(THEN, [inspection, { at: 0, stream: 'complaint', id: 'a' }], 1).said).toHaveLength(0);
  });

  it('serves every match that waits for it, and the earliest one serves', () => {
    const arrivals: Arrival[] = [
      { at: 0, stream: 'inspection', data: FAIL },
      { at: 1, stream: 'inspection', data: FAIL },
      { at: 2, stream: 'complaint' },
      { at: 9, stream: 'complaint' },
    ];
    const { transitions, said } = run(THEN, arrivals, 60);
    expect(transitions[0]?.indicators).toMatchObject({ matches: 2 });
    // Both matches ended on day 2: the complaint of day 9 belongs to none.
    expect(said.at(-1)).toEqual([32, 'none', 'cleared']);
  });

  it('counts although it came first, as the first of them was reported late', () => {
    const { said } = run(
      THEN,
      [
        { at: 3, stream: 'complaint' },
        { at: 5, time: 1, stream: 'inspection', data: FAIL },
      ],
      60,
    );
    expect(said).toEqual([
      [5, 'blue', 'raised'],
      [33, 'none', 'cleared'],
    ]);
  });

  it('that comes late and happened earlier takes the place of the one that served', () => {
    const arrivals: Arrival[] = [
      { at: 0, stream: 'inspection', data: FAIL },
      { at: 9, stream: 'complaint' },
      { at: 10, time: 4, stream: 'complaint' },
    ];
    expect(run(THEN, arrivals, 60).said.at(-1)).toEqual([34, 'none', 'cleared']);
  });

  it('that is older than the window still matters to a match that ends in it', () => {
    const late = [
      { at: 40, stream: 'complaint' },
      { at: 45, time: 28, stream: 'inspection', data: FAIL },
      { at: 45, time: 5, stream: 'inspection', data: FAIL },
    ] as const;
    const short = rulesOf(`sequence:
  - { from: inspection, where: 'event.result == "fail"' }
  - { from: complaint, within: 14d }
over: 10d`);
    expect(run(short, late, 90).said).toEqual([
      [45, 'blue', 'raised'],
      [50, 'none', 'cleared'],
    ]);
  });

  it('is withdrawn with either of its events, and the next one serves', () => {
    const arrivals: Arrival[] = [
      { at: 0, stream: 'inspection', data: FAIL, id: 'i' },
      { at: 2, stream: 'complaint', id: 'c' },
      { at: 6, stream: 'complaint' },
      { at: 7, stream: 'complaint', revokes: 'c' },
      { at: 8, stream: 'inspection', revokes: 'i' },
    ];
    expect(run(THEN, arrivals.slice(0, 4), 60).said.at(-1)).toEqual([36, 'none', 'cleared']);
    expect(run(THEN, arrivals, 60).said.at(-1)).toEqual([8, 'none', 'withdrawn']);
  });

  it('is in the evidence with the one before it, and nothing else is', () => {
    const arrivals: Arrival[] = [
      { at: 0, stream: 'complaint', id: 'before' },
      { at: 1, stream: 'inspection', data: FAIL, id: 'failed' },
      { at: 2, stream: 'complaint', id: 'after' },
    ];
    const { events, total } = run(THEN, arrivals, 3).transitions[0]?.contributions ?? {};
    expect(events?.map(({ id }) => id)).toEqual(['s failed', 's after']);
    expect(total).toBe(2);
  });

  it('without within may come as long after the one before as the window lasts', () => {
    const rules = rulesOf(`sequence: [{ from: inspection }, { from: complaint }]
over: 20d`);
    const inspection = { at: 0, stream: 'inspection', data: FAIL } as const;
    expect(run(rules, [inspection, { at: 20, stream: 'complaint' }], 21).said).toHaveLength(1);
    expect(run(rules, [inspection, { at: 20.01, stream: 'complaint' }], 21).said).toHaveLength(0);
  });

  it('may be of the same stream, and one event then serves as the end of a match and as the start of another', () => {
    const rules =
      rulesOf(`sequence: [{ from: complaint }, { from: complaint, within: 3d }, { from: complaint, within: 3d }]
over: 30d`);
    const { transitions } = run(
      rules,
      [0, 1, 2, 3, 9].map((at) => ({ at, stream: 'complaint' })),
      9,
    );
    expect(transitions[0]?.indicators).toEqual({ matches: 1 });
    expect(
      run(
        rules,
        [0, 1, 2, 3, 9].map((at) => ({ at, stream: 'complaint' })),
        9,
      ).figure(),
    ).toBe(2);
  });
});

/** As the description of the model language has it. */
const IGNORED = rulesOf(`sequence:
  - { as: order, from: inspection, where: 'event.result == "fail" && event.deadline != null' }
  - { not: rectification, where: 'event.inspection == order.id', until: 'order.deadline' }
over: 365d`);

describe('the example of the model language', () => {
  it('says what a test beside the model says', () => {
    const test = `model: food/steps
cases:
  - name: 两次责令整改，一次按时改完，一次没有改，迟报的整改撤回预警
    subject: { tags: [食品经营] }
    events:
      - { at: 0d, inspection: { inspection: J-1, result: fail, deadline: 10d } }
      - { at: 1d, inspection: { inspection: J-2, result: fail, deadline: 12d } }
      - { at: 2d, inspection: { inspection: J-3, result: fail } }
      - { at: 9d, rectification: { inspection: J-1, result: done } }
      - { at: 15d, time: 11d, rectification: { inspection: J-2, result: done } }
    expect:
      - { at: 12d, level: blue, matches: 1 }
      - { at: 15d, level: none, matches: 0 }
`;
    const { tests, diagnostics } = parseModelTests('food/steps.test.yaml', test);
    if (tests === null) throw new Error(JSON.stringify(diagnostics));
    expect(runModelTests(tests, IGNORED).cases.flatMap(({ failures }) => failures)).toEqual([]);
  });
});

describe('what does not come', () => {
  const order = (day: number, until: number, number = 'J-1'): Arrival => {
    const data = { inspection: number, result: 'fail', deadline: deadline(until) };
    return { at: day, stream: 'inspection', data, id: `i-${number}` };
  };
  const done = (day: number, number = 'J-1', time = day): Arrival => {
    return {
      at: day,
      time,
      stream: 'rectification',
      data: { inspection: number, result: 'done' },
      id: `r-${number}`,
    };
  };

  it('completes the match at the instant named, though nothing arrives then', () => {
    expect(run(IGNORED, [order(0, 10)], 400).said).toEqual([
      [10, 'blue', 'raised'],
      [375, 'none', 'cleared'],
    ]);
  });

  it('is told by the number of the order: another rectification does not help', () => {
    expect(run(IGNORED, [order(0, 10), done(5, 'J-2')], 20).said).toEqual([[10, 'blue', 'raised']]);
    expect(run(IGNORED, [order(0, 10), done(5)], 20).said).toEqual([]);
  });

  it.each([
    [10, []],
    [10 + 1 / DAY, [[10, 'blue', 'raised']]],
  ])('came in time on day %d', (day, said) => {
    expect(run(IGNORED, [order(0, 10), done(day)], 20).said).toEqual(said);
  });

  it('is taken back when it shows that it came in time', () => {
    expect(run(IGNORED, [order(0, 10), done(15, 'J-1', 8)], 20).said).toEqual([
      [10, 'blue', 'raised'],
      [15, 'none', 'cleared'],
    ]);
  });

  it('did not come after all when the event is taken back', () => {
    const revoked = { at: 30, stream: 'rectification', revokes: 'r-J-1' } as const;
    expect(run(IGNORED, [order(0, 10), done(5), revoked], 40).said).toEqual([[30, 'blue', 'raised']]);
  });

  it('counts again from an amended deadline', () => {
    const amended: Arrival = { ...order(5, 25), time: 0, id: 'amended', amends: 'i-J-1' };
    expect(run(IGNORED, [order(0, 10), amended], 40).said).toEqual([[25, 'blue', 'raised']]);
  });

  it('counts although the order was reported after the rectification of another and its own deadline', () => {
    const late: Arrival = { ...order(30, 10), time: 0 };
    expect(run(IGNORED, [done(5, 'J-2'), late], 40).said).toEqual([[30, 'blue', 'raised']]);
    expect(run(IGNORED, [done(5), late], 40).said).toEqual([]);
  });

  it('is over at once where the deadline has passed when the order is given', () => {
    expect(run(IGNORED, [order(10, 3)], 20).said).toEqual([[10, 'blue', 'raised']]);
  });

  it('never completes without an instant', () => {
    const rules = rulesOf(`sequence:
  - { as: order, from: inspection }
  - { not: rectification, where: 'event.inspection == order.id', until: 'order.deadline' }
over: 365d`);
    expect(run(rules, [{ at: 0, stream: 'inspection', data: FAIL }], 800).said).toEqual([]);
  });

  it('is unknown, with an alert, where the instant lies more than two years ahead', () => {
    const far = run(IGNORED, [order(0, 732)], 2);
    expect(new Set(far.alerts)).toEqual(new Set(['LIMIT_SEQUENCE', 'LEVEL_UNKNOWN']));
    expect(run(IGNORED, [order(0, 731)], 1200).said).toEqual([
      [731, 'blue', 'raised'],
      [1096, 'none', 'cleared'],
    ]);
  });

  it('may stand between events, and what follows comes later than its end', () => {
    const rules = rulesOf(`sequence:
  - { as: order, from: inspection, where: 'event.result == "fail"' }
  - { not: rectification, where: 'event.inspection == order.id', until: 10d }
  - { from: complaint, within: 5d }
over: 30d`);
    const inspection = { at: 0, stream: 'inspection', data: FAIL } as const;
    const complaint = (at: number): Arrival => ({ at, stream: 'complaint' });
    expect(run(rules, [inspection, complaint(9), complaint(10), complaint(12)], 20).said).toEqual([
      [12, 'blue', 'raised'],
    ]);
    expect(run(rules, [inspection, done(9), complaint(12)], 20).said).toEqual([]);
    expect(run(rules, [inspection, complaint(12), done(13, 'J-1', 9)], 20).said.at(-1)).toEqual([
      13,
      'none',
      'cleared',
    ]);
    expect(run(rules, [inspection, complaint(15.1)], 20).said).toEqual([]);
  });

  it('is taken back with its order, at once', () => {
    const revoked = { at: 12, stream: 'inspection', revokes: 'i-J-1' } as const;
    expect(run(IGNORED, [order(0, 10), revoked], 20).said).toEqual([
      [10, 'blue', 'raised'],
      [12, 'none', 'withdrawn'],
    ]);
  });
});

describe('conditions that name earlier steps', () => {
  const rules = rulesOf(
    `sequence:
  - { as: first, from: complaint, where: '"食品经营" in subject.tags || event.amount > params.least' }
  - { as: second, from: [penalty, complaint], where: 'event.amount > first.amount * params.times && event.category in list("banned-additives")', within: 10d }
  - { from: complaint, where: 'event.time - first.time > days(2) && event.complainant == second["complainant"]', within: 10d }
over: 60d`,
    'params: { least: 1, times: 2 }\n',
  );
  const complaint = (at: number, amount: number | null, complainant = 'p'): Arrival => {
    return {
      at,
      stream: 'complaint',
      data: { category: '苏丹红', complainant, ...(amount === null ? {} : { amount }) },
    };
  };

  it('read fields of several steps, parameters, lists and fields outside the schema', () => {
    const arrivals = [
      complaint(0, 10),
      complaint(1, 15),
      complaint(2, 21),
      complaint(2.5, 1, 'q'),
      complaint(3, 1),
    ];
    expect(run(rules, arrivals, 4).said).toEqual([[3, 'blue', 'raised']]);
    expect(run(rules, arrivals.with(2, complaint(2, 20)), 4).said).toEqual([]);
    expect(run(rules, arrivals.with(2, complaint(2, null)), 4).said).toEqual([]);
  });

  it('keep no event that a part without steps refuses, and count a field it lacks once', () => {
    const alike = rulesOf(`sequence:
  - { as: first, from: complaint, where: 'event.category == "a"' }
  - { from: complaint, where: 'event.category == "b" && event.amount > first.amount', within: 10d }
over: 60d`);
    const of = (at: number, category: string, amount?: number): Arrival => {
      return { at, stream: 'complaint', data: { category, ...(amount === undefined ? {} : { amount }) } };
    };
    const kept = run(alike, [of(0, 'a', 10), of(1, 'c', 99), of(2, 'b'), of(3, 'b', 11)], 4);
    expect(kept.figure()).toBe(1);
    expect(kept.entries()).toBe(3);
    expect(kept.engine.counters.missing.get('food/steps amount')).toBe(1);
  });

  it('are decided as a whole where the part without steps cannot be', () => {
    const open = rulesOf(`sequence:
  - { as: first, from: complaint }
  - { from: complaint, where: 'event["n"] > 3 && event.category == first.category', within: 10d }
over: 60d`);
    const n = (at: number, value: number | string | null, category: string): Arrival => {
      return { at, stream: 'complaint', data: { category, n: value } };
    };
    expect(run(open, [n(0, 9, 'a'), n(1, 'many', 'b')], 2).figure()).toBe(0);
    expect(run(open, [n(0, 9, 'a'), n(1, 'many', 'a')], 2).figure()).toMatchObject({ code: 'EXPR_TYPE' });
    expect(run(open, [n(0, 9, 'a'), n(1, null, 'a'), n(2, 4, 'a')], 3).figure()).toBe(2);
  });

  it('that fail make the figure an error until another event decides', () => {
    const failing = rulesOf(`sequence:
  - { as: first, from: complaint }
  - { from: complaint, where: 'event["n"] * first["n"] > 3', within: 10d }
over: 60d`);
    const n = (at: number, value: number | string, time = at): Arrival => {
      return { at, time, stream: 'complaint', data: { category: 'x', n: value } };
    };
    const broken = run(failing, [n(0, 2), n(2, 'many')], 3);
    expect(broken.figure()).toMatchObject({ code: 'EXPR_TYPE' });
    expect(broken.alerts).toContain('EXPR_TYPE');
    // An earlier event that satisfies decides for the first match; the later one still waits and fails nowhere.
    expect(run(failing, [n(0, 2), n(2, 'many'), n(3, 2, 1)], 4).figure()).toMatchObject({
      code: 'EXPR_TYPE',
    });
    const revoked = { at: 3, stream: 'complaint', revokes: 'e1' } as const;
    expect(run(failing, [n(0, 2), n(2, 'many'), revoked, n(4, 2)], 5).figure()).toBe(1);
  });
});
