// fenghuo verify: checks a bundle of evidence, without the system that raised it and without a network.
import { type Command } from 'commander';
import type { Fault } from '../evidence/fault.js';
import type { Verified } from '../evidence/verify.js';
import type { VerifyResult } from '../app/verifying.js';
import { CODES } from '../events/codes.js';
import { visible } from '../model/format-diagnostic.js';

interface Options {
  readonly key: string[];
  readonly seals: string[];
}

const NOTES = `
Without --key the keys in the bundle are trusted, without --seals the seals in it: then the bundle agrees with itself,
and whoever holds the key could have written all of it anew. With the file of an outside holder nobody could.
The exit code is 1 where the evidence does not hold.

Example:
  fenghuo verify evidence-0123.json --key seal-key.txt --seals /mnt/archive/seals.ndjson`;

export function register(program: Command): void {
  program
    .command('verify')
    .description('check a bundle of evidence offline')
    .argument('<bundle>', 'the JSON file of fenghuo evidence export')
    .option('--key <key...>', 'public keys that are trusted, 64 hex digits, or files that hold one', [])
    .option('--seals <file...>', 'files of seals from an outside holder, oldest first, plain or gzip', [])
    .addHelpText('after', NOTES)
    .action(async (bundle: string, { key, seals }: Options) => {
      const { verifyFile } = await import('../app/verifying.js');
      const result = await verifyFile({ bundle, keys: key, seals });
      const { verification } = result;
      const lines = verification.ok
        ? holds(verification.verified, key.length > 0, result)
        : broken(verification.fault);
      for (const line of lines) console.log(visible(line));
      if (!verification.ok) process.exitCode = 1;
    });
}

function holds(
  { bundle, last, compared }: Verified,
  keyGiven: boolean,
  { skippedLines }: VerifyResult,
): string[] {
  const { records, seals, about, keys } = bundle;
  const what = 'warning' in about ? `预警 ${about.warning}` : `监管对象 ${about.subject}`;
  const trusted = keyGiven
    ? `密钥：与给定的公钥一致 / signed by a key given: ${keys.join(' ')}`
    : `密钥：取自证据包本身，未与给定公钥比对 / TRUSTS THE KEY IN THE BUNDLE: ${keys.join(' ')}`;
  return [
    `核验通过 / the evidence holds: ${what}`,
    `记录 / records: ${records.length}，封印 / seals: ${seals.length}`,
    `截至 / complete until: ${instant(last.seal.time)}（第 ${last.seal.number} 号封印；此后不作证明）`,
    trusted,
    ...(compared === null
      ? [
          '封印：取自证据包本身，未与外部保管方比对；持钥人若重写历史，此处看不出来 / TRUSTS THE SEALS IN THE BUNDLE',
        ]
      : [
          `封印：${compared.seals} 个均与外部保管方一致 / agree with the holder's`,
          ...laterLine(last.seal.number, compared.last.seal),
        ]),
    ...(skippedLines === 0 ? [] : [`保管方文件中 ${skippedLines} 行不是封印，已略过 / lines skipped`]),
  ];
}

/** Seals of the holder that the bundle does not reach. */
function laterLine(number: number, held: { readonly number: number; readonly time: number }): string[] {
  if (held.number <= number) return [];
  return [
    `注意：保管方另有更晚的封印，到第 ${held.number} 号 ${instant(held.time)} / the holder has later seals: ask for a newer bundle`,
  ];
}

function broken({ code, chain, sequence, seal, part, expected, found, meaning }: Fault): string[] {
  const place = [
    ...(chain === undefined ? [] : [`chain ${chain}`]),
    ...(sequence === undefined ? [] : [`sequence ${sequence}`]),
    ...(seal === undefined ? [] : [`seal ${seal}`]),
    ...(part === undefined ? [] : [part]),
  ];
  return [
    `核验不通过 / the evidence does not hold: ${code}`,
    `位置 / place: ${place.join(', ')}`,
    `应为 / expected: ${shortened(expected)}`,
    `实为 / found: ${shortened(found)}`,
    `含义 / meaning: ${meaning} ${CODES[code]}`,
  ];
}

function shortened(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`;
}

function instant(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString();
}
