// The stories of the county. README.md tells them; the thresholds that they cross are those of rules/.
import { timestamp } from './event.js';
import { Teller } from './plot.js';
import type { Plot, Story } from './plot.js';
import type { Registry } from './registry.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './rhythm.js';
import { SILENT_DEVICE } from './script.js';
import { deadSource, failingLift, gasLeak, riverPollution, streetCluster } from './wider-stories.js';

/** The stories begin up to 40 days before the end; in a shorter county there are none. */
export const STORY_DAYS = 45;

/** All stories with their events. Readings of devices come from `deviceScript`. */
export function plots(registry: Registry, endMs: number): Plot[] {
  const { gasDevices, equipmentDevices } = registry.size;
  return [
    ...(gasDevices > 2 ? [deadSource(registry, endMs)] : []),
    ...(equipmentDevices > 0 ? [failingLift(registry, endMs)] : []),
    streetCluster(registry, endMs),
    riverPollution(registry, endMs),
    foodPoisoning(registry, endMs),
    unpaidWages(registry, endMs),
    cardShop(registry, endMs),
    nursingHome(registry, endMs),
    gasLeak(registry, endMs),
    silentAlarm(registry, endMs),
    revokedPenalty(registry, endMs),
  ];
}

function foodPoisoning(registry: Registry, endMs: number): Plot {
  const teller = new Teller(registry, endMs, { id: 'food', number: 0 }, registry.storySubject('food'));
  teller.complaints('食品卫生', [
    [26, 1],
    [17, 2],
    [15, 3],
    [13, 1],
  ]);
  teller.failedInspection(12, '食品安全检查', '冷藏温度不达标，生熟混放');
  teller.complaints('食品变质', [
    [10, 4],
    [9, 5],
    [8, 6],
    [8, 2],
    [7, 7],
    [6, 8],
    [6, 9],
    [5, 10],
  ]);
  teller.complaints('食品异物', [
    [5, 11],
    [4, 12],
    [4, 4],
    [3, 13],
    [3, 14],
    [3, 15],
    [2, 16],
    [2, 17],
  ]);
  const end = teller.instant(2, 20.5);
  const harm = { category: '食品中毒', channel: 'other', injured: 6, complainant: teller.person(18) };
  teller.tell(
    'complaint',
    end,
    { ...harm, content: '模拟：六名顾客就餐后呕吐腹泻送医' },
    { delayMs: 40 * MINUTE_MS },
  );
  teller.complaints('食品卫生', [
    [1, 19],
    [1, 20],
  ]);
  return plot(teller, {
    id: 'food',
    title: '餐饮店反复被投诉后发生食物中毒',
    summary:
      'Complaints about a restaurant grow over three weeks, an inspection fails, then six guests fall ill.',
    domain: 'food',
    model: 'food/repeat-complaints',
    end,
  });
}

function unpaidWages(registry: Registry, endMs: number): Plot {
  const teller = new Teller(registry, endMs, { id: 'wages', number: 1 }, registry.storySubject('wages'));
  teller.complaints('欠薪', [
    [38, 1],
    [33, 2],
    [29, 3],
    [26, 4],
    [24, 5],
  ]);
  teller.failedInspection(22, '工资支付专项检查', '未设立农民工工资专用账户');
  teller.complaints('欠薪', [
    [20, 6],
    [18, 7],
    [18, 1],
    [17, 8],
    [15, 9],
    [13, 10],
    [11, 11],
    [9, 12],
    [8, 13],
  ]);
  const end = teller.instant(6, 9.5);
  const harm = { category: '欠薪', channel: 'visit', amount: 860_000, complainant: teller.person(14) };
  teller.tell(
    'complaint',
    end,
    { ...harm, content: '模拟：三十余名工人集体上访讨薪' },
    { delayMs: 30 * MINUTE_MS },
  );
  teller.complaints('欠薪', [
    [4, 15],
    [2, 16],
  ]);
  return plot(teller, {
    id: 'wages',
    title: '工地拖欠工资引发集体上访',
    summary:
      'More and more workers of one site complain of unpaid wages, until thirty of them petition together.',
    domain: 'wages',
    model: 'wages/arrears-cluster',
    end,
  });
}

function cardShop(registry: Registry, endMs: number): Plot {
  const teller = new Teller(registry, endMs, { id: 'prepaid', number: 2 }, registry.storySubject('prepaid'));
  teller.complaints('预付卡退费', [
    [24, 1],
    [21, 2],
    [18, 3],
    [16, 4],
    [14, 5],
    [13, 6],
  ]);
  const post = {
    platform: '本地论坛',
    title: '模拟：健身馆要跑路？',
    topic: '预付卡',
    sentiment: -0.8,
    heat: 900,
  };
  teller.tell('opinion', teller.instant(12, 21), post, { delayMs: HOUR_MS });
  teller.complaints('预付卡退费', [
    [11, 7],
    [10, 8],
    [10, 9],
    [9, 10],
  ]);
  const judgment = { kind: 'enforcement', role: 'executed', dishonest: true, amount: 240_000 };
  const court = { case_no: '模拟执0001号', court: '模拟县人民法院', cause: '房屋租赁合同纠纷' };
  teller.tell('judgment', teller.instant(10, 16), { ...court, ...judgment }, { delayMs: 2 * DAY_MS });
  teller.complaints('预付卡退费', [
    [8, 11],
    [7, 12],
    [7, 13],
    [6, 14],
    [5, 15],
    [4, 16],
    [4, 17],
  ]);
  const end = teller.instant(3, 10);
  teller.tell('registration', end, { ...teller.subject.registration, status: 'closed' });
  teller.complaints('预付卡退费', [
    [2, 18],
    [1, 19],
  ]);
  return plot(teller, {
    id: 'prepaid',
    title: '健身馆预付卡退费潮后关门',
    summary: 'Refund complaints about a gym pile up, a post and a judgment follow, then it closes its doors.',
    domain: 'prepaid',
    model: 'prepaid/refund-run',
    end,
  });
}

function nursingHome(registry: Registry, endMs: number): Plot {
  const teller = new Teller(registry, endMs, { id: 'elderly', number: 3 }, registry.storySubject('elderly'));
  const deadline = timestamp(teller.instant(20, 18));
  teller.failedInspection(32, '养老机构消防检查', '疏散通道上锁，自动喷淋停用', deadline);
  teller.complaints('养老服务', [
    [15, 1],
    [12, 2],
  ]);
  teller.complaints('消防隐患', [
    [8, 3],
    [7, 4],
  ]);
  const end = teller.instant(5, 4.5);
  const harm = { category: '火情', channel: 'other', injured: 0, complainant: teller.person(5) };
  teller.tell('complaint', end, { ...harm, content: '模拟：储物间起火，已扑灭，疏散老人二十名' });
  return plot(teller, {
    id: 'elderly',
    title: '养老院消防整改逾期后起火',
    summary:
      'A nursing home fails a fire inspection, lets the deadline pass, relatives complain, a store room burns.',
    domain: 'elderly',
    model: 'elderly/overdue-rectification',
    end,
  });
}

function silentAlarm(registry: Registry, endMs: number): Plot {
  const teller = new Teller(registry, endMs, { id: 'gas-silent', number: 5 }, registry.storySubject('gas'));
  const end = teller.instant(1, 15);
  const data = {
    inspection: 'story-gas-silent-inspection',
    result: 'fail',
    method: 'daily',
    item: '燃气安全检查',
  };
  const problems = [{ code: 'gas-alarm-off', description: '燃气报警器断电', severity: 'major' }];
  teller.tell('inspection', end, { ...data, problems }, { delayMs: HOUR_MS });
  const key = `device:${registry.gasDevice(SILENT_DEVICE).id}`;
  const story: Story = {
    id: 'gas-silent',
    keys: [key, `subject:${teller.subject.id}`],
    title: '燃气报警器断电失联八天',
    summary: 'A gas alarm sends nothing more; eight days on, a patrol finds that it has no power.',
    domain: 'gas',
    expected: [{ model: 'gas/silent-device', key }],
    after: 'standing',
    end,
  };
  return { story, drafts: teller.drafts };
}

function revokedPenalty(registry: Registry, endMs: number): Plot {
  const teller = new Teller(registry, endMs, { id: 'hazchem', number: 6 }, registry.storySubject('hazchem'));
  const fine = (daysBefore: number, amount: number, arrivesAfterDays: number, number: number) => {
    const time = teller.instant(teller.workingDay(daysBefore), 11);
    const document = `模拟应急罚第0000${number}号`;
    const data = { document, kind: 'fine', amount, act_time: timestamp(time - 9 * DAY_MS) };
    const id = teller.tell('penalty', time, data, { delayMs: arrivesAfterDays * DAY_MS });
    return { id, data };
  };
  fine(38, 30_000, 4, 1);
  fine(30, 25_000, 3, 2);
  const revoked = fine(20, 60_000, 5, 3);
  const end = teller.instant(5, 11);
  const withdrawal = { ...revoked.data, law: '模拟：行政复议决定撤销处罚' };
  teller.tell('penalty', end, withdrawal, { delayMs: 2 * HOUR_MS, revokes: revoked.id });
  return plot(teller, {
    id: 'hazchem',
    title: '危化企业累计罚款超十万元，其中一笔复议后撤销',
    summary:
      'Three fines make 115,000 yuan and a warning; a review revokes the largest, and the warning is withdrawn.',
    domain: 'hazchem',
    model: 'hazchem/repeat-penalties',
    end,
  });
}

function plot(
  teller: Teller,
  { model, ...story }: Omit<Story, 'keys' | 'expected' | 'after'> & { readonly model: string },
): Plot {
  const key = `subject:${teller.subject.id}`;
  const after = story.id === 'hazchem' ? 'withdrawn' : 'standing';
  return { story: { ...story, keys: [key], expected: [{ model, key }], after }, drafts: teller.drafts };
}
