// fenghuo doctor: whether the servers are as distributed mode needs them.
import type { Command } from 'commander';

interface Options {
  readonly config: string;
  readonly topics?: string;
  readonly json?: true;
}

const NOTES = `
Looks at each server that the file names (infra/distributed.yaml is an example), and says of each thing whether it is as
it has to be, and what to do where it is not:
  Kafka       brokers, also by the names that they announce; topics, their settings and replicas; what the user may do
  Redis       mode, version, memory and what happens when it is full, its file, scripts; each master by itself; whether the state is there
  ClickHouse  version, what the user may do, migrations, room
The clocks of Redis and ClickHouse are compared with this machine's; Kafka tells no time. Left behind is nothing: Redis gets
a key that expires after a second, ClickHouse a table that is dropped again, Kafka nothing.
The exit code is 1 where there is an error. Warnings do not count.`;

export function register(program: Command): void {
  program
    .command('doctor')
    .description('look whether Kafka, Redis and ClickHouse are as distributed mode needs them')
    .requiredOption('-c, --config <file>', 'the file of servers')
    .option('--topics <file>', 'the file of topics; by default the one that comes with the program')
    .option('--json', 'print one JSON document')
    .addHelpText('after', NOTES)
    .action(async ({ config, topics, json }: Options) => {
      const { examineServers } = await import('../app/doctor.js');
      const { lines, findings, errors, warnings } = await examineServers(config, topics);
      if (json === true)
        console.log(JSON.stringify({ ok: errors === 0, errors, warnings, findings }, null, 2));
      else for (const line of lines) console.log(line);
      if (errors > 0) process.exitCode = 1;
    });
}
