import { describe, expect, it } from 'vitest';
import { categoryChart, pointChart } from '../../../src/adapters/charts/charts.js';
import { reportPage } from '../../../src/app/report-page.js';

const HOSTILE = `</svg><script>alert("1")</script><img src=x onerror='alert(2)'>`;

describe('charts', () => {
  it('draw a bar for each figure and none where there is none, and no script whatever their texts are', () => {
    const bars = (values: readonly (number | null)[]) =>
      categoryChart({
        ...{ title: HOSTILE, categories: [HOSTILE, 'b', 'c'], unit: HOSTILE },
        series: [{ name: HOSTILE, kind: 'bar', color: '#123456', values }],
      });
    const drawn = (svg: string) => svg.match(/ecmeta_data_index="\d" ecmeta_ssr_type="chart"/g)?.length ?? 0;
    expect(drawn(bars([1, 2, 3]))).toBe(3);
    expect(drawn(bars([1, null, 3]))).toBe(2);
    expect(bars([1, 2, 3])).toContain('&lt;script&gt;');
    expect(bars([1, 2, 3])).not.toMatch(/<script|<img|<\/svg>./);
  });

  it('draw a point for each pair, with its label', () => {
    const svg = pointChart({
      ...{ title: 't', across: 'x' },
      series: [
        { name: 'y', color: '#123456', points: [{ x: 1, y: 2, label: 'first<b>' }] },
        { name: 'z', color: '#654321', points: [{ x: 3, y: 4, label: 'second' }] },
      ],
    });
    expect(svg).toContain('first&lt;b&gt;');
    expect(svg).toContain('second');
  });
});

describe('the page of a report', () => {
  it('has no script, asks for nothing from elsewhere, and shows names as they are written', () => {
    const svg = categoryChart({ title: HOSTILE, categories: ['a'], unit: '', series: [] });
    const page = reportPage(
      HOSTILE,
      [svg],
      [
        HOSTILE,
        {
          rows: [
            [HOSTILE, 'b'],
            ['c', HOSTILE],
          ],
        },
      ],
    );
    expect(page).not.toMatch(/<script|onerror='|<\/svg>/);
    expect(page.match(/<img /g)).toHaveLength(1);
    expect(page.match(/&lt;script&gt;alert\(&quot;1&quot;\)/g)).toHaveLength(5);
    expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    expect(page.replace(/data:image\/svg\+xml;base64,[A-Za-z0-9+/=]+/, '')).not.toMatch(
      /https?:|url\(|<link|<iframe|@import/,
    );
  });
});
