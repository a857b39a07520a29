// Why a warning was raised: its figures, and the events behind it.
import type { WarningDetail } from '../answers.js';
import { html, type Part } from './html.js';
import { localText } from './local-time.js';
import { table } from './table.js';
import { figureText, labelOf, STREAM_NAMES } from './words.js';

/** Indicators and score. */
export function figuresSection({ summary, indicators, score, rests_on: silent }: WarningDetail): Part {
  const rows = Object.entries(indicators).map(
    ([name, value]) =>
      html`<tr>
        <td>${name}</td>
        <td class="number">${figureText(value)}</td>
      </tr>`,
  );
  return html`<section>
    <h2>预警理由</h2>
    <p>${summary}</p>
    ${silent === undefined ? null : html`<p>依据数据源的中断：${silent.join('、')}</p>`}${
      rows.length === 0 ? null : table(['指标', '数值'], rows)
    }${scoreTable(score)}
  </section>`;
}

function scoreTable(score: WarningDetail['score']): Part {
  if (score === undefined) return null;
  const rows = score.lines.map(
    ({ name, weight, contribution, missing }) =>
      html`<tr>
        <td>${name}</td>
        <td class="number">${missing ? '缺数据' : figureText(contribution)}</td>
        <td class="number">${figureText(weight)}</td>
      </tr>`,
  );
  return html`<p>评分 ${figureText(score.value)}</p>
    ${table(['评分项', '得分', '满分'], rows)}`;
}

/** The events of the sample, and the hashes that prove them. */
export function evidenceSection({ evidence }: WarningDetail, zone: string): Part {
  const { transition, sample, link } = evidence;
  const { total, hash } = transition.contributions;
  const rows = sample.map(
    ({ stream, time, source, data }) =>
      html`<tr>
        <td class="time">${localText(time, zone)}</td>
        <td>${STREAM_NAMES[stream] ?? stream}</td>
        <td>${particulars(stream, data)}</td>
        <td>${source}</td>
      </tr>`,
  );
  return html`<section>
    <h2>证据</h2>
    <p>依据的事件共 ${total} 条${sample.length < total ? `，以下为最近 ${sample.length} 条` : null}。</p>
    ${rows.length === 0 ? null : table(['时间', '类别', '内容', '来源'], rows, 'wide')}
    <dl>
      <dt>证据链序号</dt>
      <dd>${link.sequence}</dd>
      <dt>证据哈希</dt>
      <dd><code>${link.hash}</code></dd>
      <dt>前一条哈希</dt>
      <dd><code>${link.previous}</code></dd>
      <dt>事件编号哈希</dt>
      <dd><code>${hash}</code></dd>
    </dl>
  </section>`;
}

/** The beginning of long texts; the evidence of the API has them whole. */
const SHOWN_MAX = 200;

function particulars(stream: string, data: { readonly [name: string]: unknown }): Part {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => {
      const text = figureText(value);
      return html`<div>
        ${labelOf(stream, name)}：<bdi
          >${text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text}</bdi
        >
      </div>`;
    });
}
