import { describe, expect, test } from 'vitest';
import { modelsNamed } from '../../src/model/sources.js';

describe('the models whose warnings a filter asks for', () => {
  test.each<[string, readonly string[] | null]>([
    ['event.level == "red"', null],
    ['event.model == "a/b"', ['a/b']],
    ['"a/b" == event.model', ['a/b']],
    ['event["model"] == "a/b"', ['a/b']],
    ['event.model in ["a/b", "c/d"]', ['a/b', 'c/d']],
    ['event.level == "red" && event.model == "a/b"', ['a/b']],
    ['event.model in ["a/b", "c/d"] && event.model in ["c/d", "e/f"]', ['c/d']],
    ['event.model == "a/b" && event.model == "c/d"', []],
    ['event.model == "a/b" || event.model == "c/d"', ['a/b', 'c/d']],
    ['event.model == "a/b" || event.level == "red"', null],
    ['event.model != "a/b"', null],
    ['!(event.model == "a/b")', null],
    ['event.model.startsWith("a/")', null],
    ['event.model in ["a/b", event.domain]', null],
    ['event.domain == "a/b"', null],
    ['event.model == event.domain', null],
    ['subject.model == "a/b"', null],
    ['event.stream == "penalty" || event.model == "a/b"', ['a/b']],
    ['event.model == "a/b" || event.stream in ["penalty", "complaint"] && event.level == "red"', ['a/b']],
    ['event.stream in ["penalty", "warning"] || event.model == "a/b"', null],
    ['event.stream == "warning" && event.model == "a/b"', ['a/b']],
    ['event.stream == "penalty"', []],
  ])('%s', (source, names) => {
    expect(modelsNamed(source)).toEqual(names);
  });
});
