import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/engine/byte-reader.js';
import { ByteWriter } from '../../src/engine/byte-writer.js';
import { SKETCH_EXACT_MAX, SketchTally } from '../../src/engine/indicators/hyperloglog.js';
import { murmur3 } from '../../src/engine/murmur3.js';

function sketchOf(from: number, to: number, name = (index: number): string | number => `person ${index}`) {
  const sketch = new SketchTally();
  for (let index = from; index < to; index++) sketch.add(name(index));
  return sketch;
}

describe('MurmurHash3_x86_32', () => {
  it('gives the published values', () => {
    expect(murmur3('', 0)).toBe(0);
    expect(murmur3('', 1)).toBe(0x514e28b7);
    expect(murmur3('', 0xffffffff)).toBe(0x81f16f39);
    expect(murmur3('hello', 0)).toBe(0x248bfa47);
    expect(murmur3('Hello, world!', 0x9747b28c)).toBe(0x24884cba);
    expect(murmur3('The quick brown fox jumps over the lazy dog', 0x9747b28c)).toBe(0x2fa826cd);
    expect(murmur3('ππππππππ', 0x9747b28c)).toBe(0xd58063c1);
  });
});

describe('a sketch of different values', () => {
  it('is exact while they are few', () => {
    for (const count of [0, 1, 100, SKETCH_EXACT_MAX]) expect(sketchOf(0, count).figure()).toBe(count);
  });

  it('counts 100,000 within five percent, texts and numbers, and usually within two', () => {
    const off: number[] = [];
    for (let run = 0; run < 5; run++) {
      const texts = sketchOf(run * 1e6, run * 1e6 + 100_000).figure() as number;
      const numbers = sketchOf(run * 1e6, run * 1e6 + 100_000, (index) => index * 7).figure() as number;
      off.push(texts / 100_000 - 1, numbers / 100_000 - 1);
    }
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.05);
    const deviation = Math.sqrt(off.reduce((total, one) => total + one * one, 0) / off.length);
    expect(deviation).toBeLessThan(0.02);
    expect(Math.abs(off.reduce((total, one) => total + one, 0) / off.length)).toBeLessThan(0.01);
  });

  it.each([513, 1_000, 3_000, 10_000, 20_000, 100_000])('counts %i within five percent', (count) => {
    expect(Math.abs((sketchOf(0, count).figure() as number) / count - 1)).toBeLessThan(0.05);
  });

  it('counts a value once, and kinds of values apart', () => {
    const sketch = new SketchTally();
    for (const value of ['1', 1, true, 'true', '1', 1, { a: 1, b: 2 }, { b: 2, a: 1 }]) sketch.add(value);
    expect(sketch.figure()).toBe(5);
  });

  it('is the same whether the values come at once, in another order, or in merged parts', () => {
    const whole = sketchOf(0, 9_000).figure();
    const parts = sketchOf(6_000, 9_000);
    parts.merge(sketchOf(0, 400));
    parts.merge(sketchOf(300, 6_500));
    expect(parts.figure()).toBe(whole);
    const few = sketchOf(0, 100);
    few.merge(sketchOf(50, 200));
    expect(few.figure()).toBe(200);
  });

  it('survives being written, small and large', () => {
    for (const count of [0, 7, SKETCH_EXACT_MAX, 5_000]) {
      const writer = new ByteWriter();
      sketchOf(0, count).encode(writer);
      const read = new SketchTally();
      read.decode(new ByteReader(writer.finish()));
      expect(read.figure()).toBe(sketchOf(0, count).figure());
      read.add('another');
      const more = sketchOf(0, count);
      more.add('another');
      expect(read.figure()).toBe(more.figure());
    }
  });
});
