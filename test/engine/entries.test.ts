import { describe, expect, it } from 'vitest';
import { append, appendPair, lastOf, noEntries } from '../../src/engine/indicators/entries.js';

const COUNT = 1_100;
const numbers = Array.from({ length: COUNT }, (_, index) => index + 0.5);

describe('lists that keep little room to spare', () => {
  it('hold what was appended, in order, whatever their length', () => {
    let list: number[] = noEntries();
    for (const [index, number] of numbers.entries()) {
      list = append(list, number);
      expect(list.length).toBe(index + 1);
      expect(list[index]).toBe(number);
    }
    expect(list).toEqual(numbers);
    expect(noEntries()).toEqual([]);
  });

  it('hold pairs', () => {
    let list: (number | string)[] = noEntries();
    for (const number of numbers) list = appendPair<number | string>(list, number, `${number}`);
    expect(list).toEqual(numbers.flatMap((number) => [number, `${number}`]));
  });

  it('go on behind a copy of their end', () => {
    for (const length of [3, 4, 5, 7, 8, 20, 23, 64, 100, 1_023, 1_024, 1_050]) {
      for (const from of [0, 1, Math.floor(length / 2), length]) {
        let list = lastOf(numbers.slice(0, length), from);
        expect(list).toEqual(numbers.slice(from, length));
        for (let more = 0; more < 40; more++) list = append(list, -more);
        expect(list.slice(length - from)).toEqual(Array.from({ length: 40 }, (_, more) => -more));
      }
    }
  });
});
