// fenghuo backup: a whole copy of a data folder, also while it runs.
import type { Command } from 'commander';
import { defaults } from '../app/environment.js';
import { CodedError } from '../events/coded-error.js';
import { progressLine } from './progress.js';

interface Options {
  readonly data?: string;
  readonly to: string;
  readonly withoutKeys?: true;
  readonly withVaultKey?: true;
  readonly withoutWarehouse?: true;
  readonly json?: true;
}

const NOTES = `
It becomes a folder, or one file where its name ends with .tar, .tar.gz or .tgz; with - a tar on standard output, for a
pipe to another machine. Log, state and vault of one instant, the warehouse as far as that log was archived, inboxes, and a manifest with the
SHA-256 of every file. It gets its name when it is whole. Events are taken, judged and told meanwhile; only the
archive rests, and goes on afterwards.

A back-up is as secret as the data folder. With seal.key others can sign as this system; --without-keys leaves it out,
and tokens.json too. vault.key opens the personal values in the back-up: it is left out; --with-vault-key puts both into
one place. Keep copies elsewhere of what is left out: it has to be put back before the restored folder starts. Who is
erased later is still in earlier back-ups: let those go in time.

Examples:
  fenghuo backup --data data --to /backups/fenghuo-2026-11-30 --without-keys
  fenghuo backup --data data --to /backups/fenghuo-2026-11-30.tar.gz --without-keys
  fenghuo backup --data data --to - --without-keys | ssh vault 'cat > fenghuo-2026-11-30.tar'`;

export function register(program: Command): void {
  program
    .command('backup')
    .description('make a back-up of a data folder, also while it runs (备份)')
    .option('-d, --data <dir>', 'the data folder (FENGHUO_DATA; default: data)')
    .requiredOption(
      '-t, --to <place>',
      'the folder or file that the back-up becomes, which must not be there; or -',
    )
    .option('--without-keys', 'leave out seal.key and tokens.json')
    .option('--with-vault-key', 'put in vault.key, which opens the vault')
    .option('--without-warehouse', 'leave out the warehouse, which is then filled anew from the log')
    .option('--json', 'print the manifest but for its files')
    .addHelpText('after', NOTES)
    .action(async (options: Options) => {
      const { backUp, STANDARD_STREAM } = await import('../app/backing-up.js');
      const isPiped = options.to === STANDARD_STREAM;
      if (isPiped && (process.stdout.isTTY || options.json === true))
        throw new CodedError(
          'USAGE',
          '--to - writes the back-up to standard output: lead it into a pipe or file, without --json.',
        );
      const manifest = await backUp({
        dataDir: options.data ?? defaults().data,
        to: options.to,
        keys: options.withoutKeys !== true,
        vaultKey: options.withVaultKey === true,
        warehouse: options.withoutWarehouse !== true,
        now: Date.now(),
        onProgress: progressLine,
      });
      const { files, ...facts } = manifest;
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      if (options.json === true) {
        console.log(JSON.stringify({ ...facts, files: files.length, bytes }, null, 2));
        return;
      }
      const say = isPiped ? progressLine : (line: string) => console.log(line);
      say(`已备份 / backed up: ${options.to}，${files.length} 个文件，${bytes} 字节`);
      const { events = 0 } = facts.logs;
      const rows = facts.warehouse === null ? '未包含 / left out' : `${facts.archived['events/0'] ?? 0}`;
      say(`事件日志 / events log: ${events}    已归档 / archived: ${rows}`);
      const has = (name: string) => files.some(({ path }) => path === name);
      if (has('seal.key')) say('含封印密钥和令牌文件，请严加保管 / holds seal.key: keep it secret');
      if (has('vault.key')) say('含个人信息密钥，可解密个人信息 / holds vault.key: it opens the vault');
      const without = options.withoutKeys === true ? ['seal.key', 'tokens.json'] : [];
      const left = [...(has('vault.key') ? [] : ['vault.key']), ...without].join(', ');
      if (left !== '') say(`不含 ${left}，请另行保管副本 / not in it: ${left}; keep copies elsewhere`);
    });
}
