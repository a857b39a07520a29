// fenghuo joint: random samples for joint inspections of several departments, and their check.
import type { Command } from 'commander';
import { CODES } from '../events/codes.js';
import { CodedError } from '../events/coded-error.js';
import type { Draw, Stratum } from '../evidence/draw.js';
import { visible } from '../model/format-diagnostic.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';

interface Options extends PlaceOptions {
  readonly tags?: string;
  readonly sample: string;
  readonly seed?: string;
  readonly due?: string;
  readonly out?: string;
  readonly tell?: boolean;
}

const NOTES = `
Candidates are the subjects in business that have the tags and are supervised by two or more departments: the leads of the
items of catalogue/items.yaml whose "subjects" take them. Each credit class is drawn by its share, rounded up, in the order
of SHA-256(seed|subject), so that who has the file can repeat the draw; take a seed that nobody could choose, such as the
numbers of a lottery, and name it before the draw. A data folder must not be in use; with --config servers may run, profiles
are then those of the moment at which each was read, and --tell does not go.

Example:
  fenghuo joint --tags '食品经营 && 燃气用户' --sample 'by credit class' --seed 2026-11-29-lottery-08152433
  fenghuo joint verify draw-0123456789ab.json`;

export function register(program: Command): void {
  const joint = placed(program.command('joint'))
    .description('draw subjects at random for a joint inspection (双随机)')
    .option('--tags <tags>', "tags of the subjects, such as 'A && B'; !, || and parentheses go too")
    .option(
      '--sample <shares>',
      "'by credit class', or shares such as 'A 1%, B 5%, C 20%, D 50%'",
      'by credit class',
    )
    .option('--seed <text>', 'the seed of the draw; made and printed where left out')
    .option(
      '--due <days>',
      "until when it is to be inspected, such as '10 workdays'; as catalogue/draws.yaml has it",
    )
    .option('-o, --out <file>', 'where the record of the draw goes (default: draw-<digest>.json)')
    .option(
      '--tell',
      'open the tasks when the system runs next: each department is told, signs and feeds back',
    )
    .addHelpText('after', NOTES)
    .action(async ({ tags, sample, seed, due, out, tell = false, ...where }: Options) => {
      if (tags === undefined)
        throw new CodedError('USAGE', "Name --tags, such as --tags '食品经营 && 燃气用户'.");
      const { drawJointly } = await import('../app/drawing.js');
      const place = placeFrom(where);
      const { draw, path, opened } = await drawJointly({ place, tags, sample, seed, due, out, tell });
      for (const line of drawLines(draw)) console.log(visible(line));
      if (opened > 0) console.log(`下次运行时下达 ${opened} 件任务 / tasks are opened at the next run`);
      else if (tell && draw.tasks.length === 0)
        console.log('没有抽中对象，没有任务可下达 / nobody was drawn, so there are no tasks to open');
      else if (tell) console.log('这次抽取已经下达，不再重复 / these tasks were opened before');
      console.log(path);
    });
  joint
    .command('verify')
    .argument('<file>', 'the record of a draw')
    .description('repeat a draw offline, from its seed and its candidates')
    .action(async (file: string) => {
      const { verifyDrawFile } = await import('../app/drawing.js');
      const { draw, fault } = await verifyDrawFile(file);
      if (fault !== null) {
        console.log('核验不通过 / the draw does not hold');
        console.log(visible(`位置 / place: ${fault.place}`));
        console.log(visible(`应为 / expected: ${fault.expected.slice(0, 300)}`));
        console.log(visible(`实为 / found: ${fault.found.slice(0, 300)}`));
        console.log(CODES.DRAW_DIFFERS);
        process.exitCode = 1;
        return;
      }
      console.log('核验通过 / the draw holds');
      for (const line of summary(draw)) console.log(visible(line));
    });
}

function drawLines(draw: Draw): string[] {
  return [
    ...summary(draw),
    '',
    ...draw.tasks.flatMap(({ subject, name, departments, items, due, reason }) => [
      `${name ?? subject}（${subject}）`,
      `  ${reason}`,
      `  检查部门：${departments.map((one) => one.name).join('、')}；${due === null ? '期限在日历之外' : `应于 ${due} 前完成`}`,
      ...items.map(({ title, checklist }) => `  ${title}：${checklist.join('；')}`),
    ]),
  ];
}

function summary({ seed, at, tags, candidates, strata, drawn, digest }: Draw): string[] {
  return [
    `双随机抽取：候选 ${candidates.length} 家，抽中 ${drawn.length} 家（标签 ${tags}，候选名单截至 ${at}）`,
    `随机种子 / seed: ${seed}`,
    ...strata.map(stratumText),
    `摘要 / digest: ${digest}`,
  ];
}

function stratumText({ credit, candidates, share, exact, drawn }: Stratum): string {
  const grade = credit === 'unknown' ? '信用等级不明' : `信用等级 ${credit}`;
  return `  ${grade}：候选 ${candidates} 家 × ${share}% = ${exact}，有小数的进一，抽 ${drawn} 家`;
}
