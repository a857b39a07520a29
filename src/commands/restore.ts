// fenghuo restore: a data folder from a back-up, or only the check of one.
import type { Command } from 'commander';
import { CodedError } from '../events/coded-error.js';
import { progressLine } from './progress.js';

interface Options {
  readonly from: string;
  readonly data?: string;
  readonly verify?: true;
  readonly withoutWarehouse?: true;
}

const NOTES = `
It is a folder or a file as fenghuo backup made it, or - for a tar on standard input. Manifest and SHA-256 of every file are
checked before the data folder gets its name; of a back-up that is not whole nothing is left. Nothing is started. Whatever is not in the
back-up is put in by hand before the first start: vault.key from its copy, and seal.key and tokens.json where they were left
out. Where tokens were given, nobody is let in without tokens.json until another token is given.
Start only one of the two folders: both would tell the departments. Senders that send again what they sent since the
back-up, with the same ids, bring it to where it was. People erased since then have to be erased again.

Examples:
  fenghuo restore --from /backups/fenghuo-2026-11-30 --verify
  fenghuo restore --from /backups/fenghuo-2026-11-30 --data data-2
  ssh vault 'cat fenghuo-2026-11-30.tar' | fenghuo restore --from - --data data-2`;

/** Files that a back-up may lack, and when its data folder needs them. */
const PUT_BACK = [
  ['vault.key', '', ''],
  ['seal.key', '（原来有的话）', ', where there was one'],
  ['tokens.json', '（发过令牌的话）', ', where tokens were given'],
] as const;

export function register(program: Command): void {
  program
    .command('restore')
    .description('make a data folder from a back-up (恢复)')
    .requiredOption('-f, --from <place>', 'the back-up: a folder, a file, or - for standard input')
    .option('-d, --data <dir>', 'the data folder, which is empty or not there')
    .option('--verify', 'only check it')
    .option('--without-warehouse', 'leave out the warehouse, which is then filled anew from the log')
    .addHelpText('after', NOTES)
    .action(async ({ from, data, verify, withoutWarehouse }: Options) => {
      const { restore, verifyBackup } = await import('../app/restoring.js');
      if (verify === true) {
        const manifest = await verifyBackup(from, progressLine);
        console.log(`备份完好 / the back-up is whole: ${manifest.files.length} 个文件，${manifest.made}`);
        return;
      }
      if (data === undefined) throw new CodedError('USAGE', 'Name --data, or --verify to only check.');
      const request = { from, dataDir: data, warehouse: withoutWarehouse !== true, now: Date.now() };
      const { made, files } = await restore({ ...request, onProgress: progressLine });
      console.log(`已恢复 / restored: ${data}（${made}）`);
      for (const [name, where, whereEnglish] of PUT_BACK)
        if (!files.some(({ path }) => path === name))
          console.log(
            `启动前请放回 ${name}${where} / put ${name} into ${data} before the first start${whereEnglish}`,
          );
    });
}
