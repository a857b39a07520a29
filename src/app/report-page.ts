// A report as one page: self-contained, without script, and harmless whatever the names in it are.
import { escaped } from '../adapters/http/pages/html.js';
import { openLines } from '../adapters/tabular/output.js';
import type { Block } from './terminal-table.js';

const STYLE = `
body{font:15px/1.6 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.4rem}img{max-width:100%;display:block;margin:1rem auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}
th,td{border:1px solid #ccc;padding:.2rem .5rem;text-align:right;overflow-wrap:anywhere}
th:first-child,td:first-child{text-align:left}th{background:#f3f3f3;font-weight:600}`;

/**
 * The page. A chart stands in it as an image of its own, in which no script can run and nothing can be loaded; the policy
 * of the page allows neither scripts nor requests.
 * @param charts SVG documents
 */
export function reportPage(title: string, charts: readonly string[], blocks: readonly Block[]): string {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  return [
    '<!doctype html>',
    '<html lang="zh-CN"><head><meta charset="utf-8">',
    `<meta http-equiv="content-security-policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    ...charts.map((svg) => {
      const bytes = Buffer.from(svg, 'utf8').toString('base64');
      return `<img alt="图" src="data:image/svg+xml;base64,${bytes}">`;
    }),
    ...blocks.map(htmlOf),
    '</body></html>',
  ].join('\n');
}

/** Writes a page: whole, or not at all. @throws CodedError FILE_WRITE */
export async function writePage(path: string, page: string): Promise<void> {
  const out = await openLines(path, false);
  try {
    await out.write(page);
    await out.close();
  } catch (error) {
    await out.abandon();
    throw error;
  }
}

function htmlOf(block: Block): string {
  if (typeof block === 'string') return block === '' ? '' : `<p>${escaped(block)}</p>`;
  const [head = [], ...rows] = block.rows;
  const row = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${row(head, 'th')}</thead><tbody>${rows.map((one) => row(one, 'td')).join('')}</tbody></table>`;
}
