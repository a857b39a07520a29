// fenghuo seal-key: the public key with which the seals of a data folder are checked.
import { type Command } from 'commander';
import { defaults } from '../app/environment.js';

interface Options {
  readonly data?: string;
  readonly new?: true;
}

const NOTES = `
Give the key to those who verify evidence, on a way of its own: --key of fenghuo verify. The first start makes it.
It is an Ed25519 key (RFC 8032), 32 bytes in hex. Keep a copy of <data>/seal.key, which is secret, apart.`;

export function register(program: Command): void {
  program
    .command('seal-key')
    .description('print the public key of the seals')
    .option('-d, --data <dir>', 'the data folder (FENGHUO_DATA; default: data)')
    .option('--new', 'make a key where there is none, or where it was lost; one that is there stays')
    .addHelpText('after', NOTES)
    .action(async (options: Options) => {
      const { publicSealKey } = await import('../app/seal-keys.js');
      console.log(await publicSealKey(options.data ?? defaults().data, options.new === true));
    });
}
