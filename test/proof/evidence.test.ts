// Bundles of evidence, checked by another program that knows nothing but their description: evidence_reference.py.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/evidence/bundle.js';
import { verifyBundle } from '../../src/evidence/verify.js';
import { eventAt, tickAt } from '../engine/turns.js';
import { changed, forge, leavesOf, without } from '../evidence/forging.js';
import { sealedRun, signerOf } from '../pipeline/sealed-run.js';

const REFERENCE = fileURLToPath(new URL('evidence_reference.py', import.meta.url));
/** Every so many values one is changed or taken out. */
const STEP = 5;

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) process.stderr.write('second verifier of evidence skipped: python3 is missing\n');

function judged(bundles: readonly unknown[]): string[] {
  const input = bundles.map((bundle) => `${JSON.stringify(bundle)}\n`).join('');
  const { status, stdout, stderr } = spawnSync('python3', ['-I', REFERENCE], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd().split('\n');
}

describe.runIf(hasPython || process.env['CI'] === 'true')(
  'a verifier written from the description alone',
  () => {
    it('takes what the system wrote, and finds what was changed, dropped and cut', async () => {
      const complaints = [0.1, 0.2, 1.1, 1.2].flatMap((hour) =>
        ['a', 'b', 'c'].map((shop, index) => {
          const data = { category: '食品', note: '𠮷\u007f "\\', amount: 0.1 + 1e-7 * index };
          return eventAt(hour + index / 100, 'complaint', data, { key: `subject:${shop}` });
        }),
      );
      const run = await sealedRun([...complaints, tickAt(24 * 12)]);
      const [first] = await run.warnings();
      const bundles = [
        await run.book.bundle({ warning: first!.transition.warning }),
        await run.book.bundle({ subject: 'subject:b' }),
      ].map((bundle) => JSON.parse(JSON.stringify(bundle)) as Bundle);
      const forged = await forge(bundles[0]!, (record) => record, signerOf(3));
      expect(judged([...bundles, forged])).toEqual(['holds', 'holds', 'holds']);
      const broken = bundles.flatMap((bundle) =>
        leavesOf(bundle)
          .filter((_, index) => index % STEP === 0)
          .map((path, index) => (index % 2 === 0 ? changed : without)(bundle, path)),
      );
      expect(broken.length).toBeGreaterThan(60);
      expect(judged(broken).filter((line) => line === 'holds')).toEqual([]);
      expect(broken.filter((bundle) => verifyBundle(bundle, { keys: null, held: null }).ok)).toEqual([]);
    });
  },
);
