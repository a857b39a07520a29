// How many warnings there are fits the page that is shown, although the count may be that of a moment ago.
import { expect, it } from 'vitest';
import { totalOf } from '../../src/app/desk.js';

it.each([
  ['the first warning is listed before it is counted', { offset: 0, limit: 50, shown: 1 }, 0, 1],
  ['the last one is gone before it is counted off', { offset: 0, limit: 50, shown: 0 }, 1, 0],
  ['the last page says where the list ends', { offset: 50, limit: 50, shown: 3 }, 60, 53],
  ['a full page says nothing of those behind it', { offset: 0, limit: 50, shown: 50 }, 60, 60],
  ['a full page is there although fewer were counted', { offset: 50, limit: 50, shown: 50 }, 60, 100],
  ['a page beyond the end says nothing', { offset: 100, limit: 50, shown: 0 }, 60, 60],
])('%s', (_, page, known, total) => {
  expect(totalOf(page, known)).toBe(total);
});
