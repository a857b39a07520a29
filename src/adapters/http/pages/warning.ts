// The page of one warning: what happened and why, what it rests on, what is asked, and what was done.
import type { WarningDetail } from '../answers.js';
import { evidenceSection, figuresSection } from './evidence.js';
import { actForms, type Returned } from './forms.js';
import { departmentName, frame, type Visitor } from './frame.js';
import { html, type Part } from './html.js';
import { localText } from './local-time.js';
import { table } from './table.js';
import { timeLine } from './time-line.js';
import {
  DUTY_NAMES,
  FINDING_NAMES,
  PARTY_NAMES,
  POSITION_NAMES,
  STAGE_NAMES,
  STATUS_NAMES,
  termText,
  WITHHELD_NAMES,
} from './words.js';

/** The page. @param now epoch ms @param returned the form that was refused, where one was */
export function warningPage(
  warning: WarningDetail,
  visitor: Visitor,
  now: number,
  returned: Returned | null = null,
): string {
  const { level, level_name: label, name, title, message } = warning;
  return frame(
    `${name}：${title}`,
    visitor,
    html`<p><a href="/warnings">返回预警列表</a></p>
      <h1><span class="badge ${level}">${label}</span> <bdi>${name}</bdi>：${title}</h1>
      ${returned === null ? null : html`<p class="error" role="alert">未能办理：${returned.fault}</p>`}
      <p>${message}</p>
      ${facts(warning, visitor)} ${notices(warning, visitor)} ${actForms(warning, visitor, now, returned)}
      ${asked(warning, visitor, now)} ${parties(warning, visitor)} ${judgement(warning, visitor)}
      ${transfers(warning, visitor)} ${figuresSection(warning)} ${legal(warning)}
      ${evidenceSection(warning, visitor.directory.zone)} ${timeLine(warning, visitor.directory)}`,
  );
}

function facts(warning: WarningDetail, { directory }: Visitor): Part {
  const { status, key, item, region_name: region, raised, updated, id } = warning;
  const { zone } = directory;
  return html`<dl>
    <dt>状态</dt>
    <dd>${STATUS_NAMES[status] ?? status}</dd>
    <dt>监管对象</dt>
    <dd><bdi>${warning.name}</bdi>（${key}）</dd>
    ${
      region === null
        ? null
        : html`<dt>地区</dt>
            <dd>${region}</dd>`
    }
    <dt>监管事项</dt>
    <dd>${item.title ?? item.id}</dd>
    <dt>发出时间</dt>
    <dd>${localText(raised, zone)}</dd>
    <dt>最近变化</dt>
    <dd>${localText(updated, zone)}</dd>
    <dt>编号</dt>
    <dd><code>${id}</code></dd>
  </dl>`;
}

function notices({ withheld, suspended, closed }: WarningDetail, { directory }: Visitor): Part {
  const { zone } = directory;
  return [
    withheld !== undefined &&
      html`<p class="note">
        ${WITHHELD_NAMES[withheld.reason]}，预警暂缓推送：${withheld.sources.join('、')}。其后仍成立的，予以补发。
      </p>`,
    suspended !== undefined &&
      html`<p class="note">
        ${departmentName(suspended.by, directory)}自 ${localText(suspended.since, zone)} 起中止计时，至
        ${localText(suspended.until, zone)}：${suspended.reason}
      </p>`,
    closed !== undefined &&
      html`<p class="note">
        ${departmentName(closed.by, directory)}于 ${localText(closed.at, zone)} 办结：${closed.conclusion}
      </p>`,
  ];
}

function asked(
  { plan, advise, duties, task, draw, joined }: WarningDetail,
  { directory }: Visitor,
  now: number,
): Part {
  const { zone } = directory;
  const rows = duties.map(({ kind, department, due, done, urged }) => {
    const end = done === null ? now : Date.parse(done);
    const isOverdue = due !== null && Date.parse(due) < end;
    const state = done === null ? '未完成' : `${localText(done, zone)} 完成`;
    return html`<tr>
      <td>${department.name ?? department.id}</td>
      <td>${DUTY_NAMES[kind]}</td>
      <td>${due === null ? '待定（日历未公布）' : localText(due, zone)}</td>
      <td>
        ${state}${isOverdue ? html` <strong class="overdue">${done === null ? '已超期' : '逾期'}</strong>` : null}${urged > 1 ? `，已督办 ${urged - 1} 次` : null}
      </td>
    </tr>`;
  });
  return html`<section>
    <h2>处置要求</h2>
    ${
      plan === null
        ? null
        : html`<p>${plan.title}：${plan.action}</p>
            <p class="faint">
              签收 ${termText(plan.sign_within)}，反馈 ${termText(plan.feedback_within)}，办结
              ${termText(plan.close_within)}
            </p>`
    }${advise === '' ? null : html`<p>建议：${advise}</p>`}${drawOf(draw)}${taskOf(task, joined)}${
      rows.length === 0
        ? html`<p class="faint">没有期限。</p>`
        : table(['部门', '事项', '期限', '完成情况'], rows)
    }
  </section>`;
}

function drawOf(draw: WarningDetail['draw']): Part {
  if (draw === undefined) return null;
  const { digest, seed, tags, reason } = draw;
  return html`<p>抽取依据：${reason}。</p>
    <p class="faint">标签 ${tags}；随机种子 <code>${seed}</code>；抽取记录摘要 <code>${digest}</code></p>`;
}

function taskOf(task: WarningDetail['task'], joined: WarningDetail['joined'] = []): Part {
  if (task === undefined) return null;
  const items = task.items.map(
    ({ title, id, lead, cooperating, checklist }) =>
      html`<li>
        ${title ?? id}：${lead === null ? null : (lead.name ?? lead.id)}牵头${cooperating.length === 0 ? null : `，${cooperating.map((one) => one.name ?? one.id).join('、')}配合`}${checklist.length === 0 ? null : html`<div class="faint">检查内容：${checklist.join('；')}</div>`}
      </li>`,
  );
  const later = joined.map(({ warning, item }) => html`<li><a href="/warnings/${warning}">${item}</a></li>`);
  const links = task.warnings.map(
    (id) =>
      html`<li>
        <a href="/warnings/${id}"><code>${id}</code></a>
      </li>`,
  );
  return html`<p>联合检查任务：${task.within_workdays} 个工作日内一次上门完成下列事项。</p>
    <ul>
      ${items}
    </ul>
    ${
      links.length === 0
        ? null
        : html`<details>
            <summary>合并的预警（${task.warnings_total} 条）</summary>
            <ul>
              ${links}
            </ul>
          </details>`
    }
    ${later.length === 0 ? null : html`<p>其后加入的预警：</p>`}
    <ul>
      ${later}
    </ul>`;
}

function parties({ parties: all }: WarningDetail, { directory }: Visitor): Part {
  const rows = all.map(({ department, role, acting, stage, feedback }) => {
    const said =
      feedback === undefined
        ? null
        : html`<div>
              ${FINDING_NAMES[feedback.result]}${feedback.department === undefined ? null : `（${departmentName(feedback.department, directory)}）`}。${feedback.findings}
            </div>
            <div>措施：${feedback.measures}</div>
            ${feedback.harm === undefined ? null : html`<div>损害发生于 ${localText(feedback.harm, directory.zone)}</div>`}`;
    return html`<tr>
      <td>${department.name ?? department.id}</td>
      <td>${PARTY_NAMES[role]}</td>
      <td>${acting ? STAGE_NAMES[stage] : '知悉'}${said}</td>
    </tr>`;
  });
  return html`<section>
    <h2>部门办理</h2>
    ${table(['部门', '分工', '进展'], rows)}
  </section>`;
}

function judgement({ judgement: judged }: WarningDetail, { directory }: Visitor): Part {
  if (judged === undefined) return null;
  const { required, convened, participants, opinions, concluded } = judged;
  const name = (id: string) => departmentName(id, directory);
  const said = opinions.map(
    ({ department, position, text }) =>
      html`<li>${name(department)}：${POSITION_NAMES[position]}。${text}</li>`,
  );
  return html`<section>
    <h2>综合研判</h2>
    ${required && convened === undefined ? html`<p>按预案，办结前须经综合研判，尚未发起。</p>` : null}${convened === undefined ? null : html`<p>${name(convened.by)}发起：${convened.reason}。参加部门：${participants.map(name).join('、')}。</p>`}
    <ul>
      ${said}
    </ul>
    ${concluded === undefined ? null : html`<p>研判结论：${concluded.conclusion}</p>`}
  </section>`;
}

function transfers({ transfers: all = [] }: WarningDetail, { directory }: Visitor): Part {
  if (all.length === 0) return null;
  const name = (id: string) => departmentName(id, directory);
  const rows = all.map(({ number, from, organ, materials, receipt, answer }) => {
    const state =
      answer === undefined ? '待答复' : answer.accepted ? '已受理' : `不予受理：${answer.reason ?? ''}`;
    return html`<li>
      第 ${number}
      件，${name(from)}移送${name(organ)}：${materials.join('、')}。${receipt === undefined ? null : `回执 ${receipt.number}。`}${state}
    </li>`;
  });
  return html`<section>
    <h2>线索移送</h2>
    <ul>
      ${rows}
    </ul>
  </section>`;
}

function legal({ legal: bases }: WarningDetail): Part {
  if (bases.length === 0) return null;
  const rows = bases.map(
    ({ law, article, in_force: inForce }) =>
      html`<li>《${law}》${article}${inForce ? null : '（当日不在有效期内）'}</li>`,
  );
  return html`<section>
    <h2>法律依据</h2>
    <ul>
      ${rows}
    </ul>
  </section>`;
}
