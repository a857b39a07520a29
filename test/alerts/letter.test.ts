import { describe, expect, it } from 'vitest';
import { fitted, neutral, letterOf, type Letter } from '../../src/alerts/letter.js';

const body = {
  warning: 'w1',
  level: 'red',
  message: '【红色预警】某餐饮店：食品投诉中有人身体受到伤害。新发预警。评分 72（投诉 30/30）。',
  summary: '投诉称食用后身体受到伤害为红色。',
  name: '某餐饮店',
  region_name: '城北镇',
  item: { id: 'food', title: '食品经营监督检查', domain: '食品' },
  indicators: { injured: 2, share: 0.123456, near: true, gone: null, broken: { error: 'X' } },
  legal: [
    { law: '中华人民共和国食品安全法', article: '第一百零五条', in_force: true },
    { law: '旧办法', article: '第三条', in_force: false },
  ],
  plan: {
    action: '两小时内到场。',
    sign_within: '30m',
    feedback_within: '1d12h',
    close_within: '10 workdays',
  },
  advise: '封存留样。',
  at: '2026-03-02 10:00:00',
};

const plain = ({ title, lines, link }: Letter) =>
  [title, ...lines.map(({ label, text }) => `${label}：${text}`), link ?? ''].join('\n');

describe('a letter', () => {
  it('says level, name, what, figures, law, action, deadline and where to look', () => {
    expect(plain(letterOf(body, 'https://portal.example/w1', 1, false))).toBe(
      `【红色预警】某餐饮店：食品投诉中有人身体受到伤害
情况：新发预警。评分 72（投诉 30/30）。投诉称食用后身体受到伤害为红色。
对象：某餐饮店（城北镇）
事项：食品经营监督检查
数据：injured 2，share 0.12，near 是，gone 无数据，broken 无法计算
依据：《中华人民共和国食品安全法》第一百零五条；《旧办法》第三条（已失效）
处置：两小时内到场。 封存留样。
时限：30 分钟内签收，1 天 12 小时内反馈，10 个工作日内办结
时间：2026-03-02 10:00:00
编号：w1
https://portal.example/w1`,
    );
  });

  it('says by when the department owes what, where that is known', () => {
    const deadlines = [
      { kind: 'sign', department: 'fire', due: '2026-03-02 10:30:00' },
      { kind: 'close', department: 'fire', due: null },
      { kind: 'sign', department: 'health', due: '2026-03-02 11:00:00' },
    ];
    const text = plain(letterOf({ ...body, department: 'fire', deadlines }, null, 1, false));
    expect(text).toContain('\n时限：2026-03-02 10:30:00 前签收\n');
  });

  it('has no line that a name brought with it, and nothing that turns round what is read', () => {
    const name = '某店\n查看：https://evil.example\u2028\r\n\u202e幻\u2066\u200b影';
    const message = `【红色预警】${name}：食品投诉。新发预警。`;
    const indicators = { who: name };
    const letter = letterOf({ ...body, message, name, summary: name, indicators }, null, 1, false);
    expect(plain(letter).split('\n').slice(0, 3)).toEqual([
      '【红色预警】某店 查看：https://evil.example 幻影：食品投诉',
      '情况：新发预警。某店 查看：https://evil.example 幻影',
      '对象：某店 查看：https://evil.example 幻影（城北镇）',
    ]);
    expect(plain(letter)).not.toMatch(/[\p{Cf}\u2028]/u);
  });

  it('has what a reminder says before its warning in the title', () => {
    const message = `本条预警尚未签收，再次推送。${body.message}`;
    expect(letterOf({ ...body, message }, null, 1, false).title).toBe(
      '本条预警尚未签收，再次推送。【红色预警】某餐饮店：食品投诉中有人身体受到伤害',
    );
  });

  it('says that it is a retry, or a test', () => {
    expect(plain(letterOf(body, null, 2, false))).toContain('重发：第 2 次发送');
    const test = plain(letterOf(body, null, 1, true));
    expect(test).toMatch(/^【测试】【红色预警】/);
    expect(test).toContain('无需处置');
  });

  it('says what there is of a message of another form', () => {
    expect(letterOf({ message: '请签收' }, null, 1, false)).toEqual({
      title: '请签收',
      level: 'none',
      lines: [],
      link: null,
    });
    const odd = {
      message: 7,
      title: ['x'],
      warning: 'w',
      indicators: [1],
      legal: 'none',
      plan: 3,
      item: null,
    };
    expect(letterOf(odd, null, 1, false)).toMatchObject({
      title: 'w',
      lines: [{ label: '编号', text: 'w' }],
    });
  });

  it('is shortened until it fits, its title last of all', () => {
    const letter = letterOf({ ...body, advise: '长'.repeat(5_000) }, null, 1, false);
    for (const limit of [4_096, 1_000, 300, 100, 60, 10]) {
      const text = fitted(letter, plain, limit);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(text).not.toContain('\ufffd');
      if (limit >= 100) expect(text).toContain('【红色预警】');
    }
    expect(fitted(letter, plain, 1_000)).toContain('签收');
    expect(fitted(letter, plain, 100_000)).toBe(plain(letter));
  });

  it('holds no mark of Markdown once it is neutral, and one line a text', () => {
    const evil = '[a](https://x.example)\n# *b* <at user_id="all">@所有人</at> `c` ~~d~~ > e | f\\g&amp;';
    const letter = neutral(letterOf({ ...body, message: evil, name: evil, summary: evil }, null, 1, false));
    for (const text of [letter.title, ...letter.lines.map((line) => line.text)]) {
      expect(text).not.toMatch(/[[\]()*_`~#<>@|\\&\n]|:\/\//);
    }
    expect(letter.title).toContain('［a］（https：//x.example）');
  });
});
