// A figure that is an error is none any more as soon as the entry with the error has left the window.
import { expect, it } from 'vitest';
import { eventAt, lines, run, setOf, tickAt } from './turns.js';

it('the last value is known again when an earlier entry with an error leaves', () => {
  const model = `scope: subject
indicators: { who: { from: complaint, where: 'double(event.category) > 2', last: 'event.complainant', over: 4d } }
levels: { red: 'who != null' }
for: 27h
`;
  const log = [
    eventAt(0, 'complaint', { category: '13', complainant: 'p' }),
    eventAt(17, 'complaint', { category: 'x', complainant: 'p' }),
    eventAt(50, 'complaint', { category: '13', complainant: 'p' }),
    tickAt(200),
  ];
  // 17 hours had passed before the error, which leaves after 113; ten more make 27.
  expect(lines(run(log, [setOf({ 'sim/who': model })]))).toEqual([
    '123 sim/who a none->red raised',
    '146 sim/who a red->none cleared',
  ]);
});
