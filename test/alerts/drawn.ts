// A draw as `fenghuo joint` makes it, of shops that two departments supervise, every one of them drawn.
import { drawTask } from '../../src/alerts/joint-draw.js';
import { drawFrom, sealedDraw, type Candidate, type Draw } from '../../src/evidence/draw.js';
import type { RuleSet } from '../../src/model/ruleset.js';

interface Wanted {
  /** The draw, epoch ms. */
  readonly at: number;
  readonly shops: number;
  readonly seed?: string;
  readonly due?: string;
  readonly departments?: readonly string[];
  readonly items?: readonly string[];
  readonly region?: string;
}

export function drawnIn({ catalogue, revision }: RuleSet, wanted: Wanted): Draw {
  const { at, shops, seed = 'lottery', due = '5 workdays', region = '330106001' } = wanted;
  const { departments = ['housing', 'market'], items = ['food', 'gas'] } = wanted;
  const candidates = Array.from({ length: shops }, (_, index): Candidate => {
    const number = String(index + 1).padStart(4, '0');
    return {
      subject: `s:${number}`,
      name: `店${number}`,
      credit: 'C',
      region,
      departments: [...departments],
      items: [...items],
    };
  });
  const bySubject = new Map(candidates.map((one) => [one.subject, one]));
  const { strata, drawn } = drawFrom(seed, candidates, [['C', 100]]);
  const tasks = drawn.flatMap((one) => {
    const candidate = bySubject.get(one.subject);
    const [stratum] = strata;
    if (candidate === undefined || stratum === undefined) return [];
    return [drawTask(one, candidate, stratum, { at, term: due, catalogue })];
  });
  const when = new Date(at).toISOString();
  return sealedDraw({ seed, at: when, revision, tags: '食品', due, candidates, strata, drawn, tasks });
}
