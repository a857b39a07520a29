// fenghuo topics: the topics of the logs on the brokers.
import type { Command } from 'commander';

interface Options {
  readonly config: string;
  readonly topics?: string;
}

const NOTES = `
The file of servers says where Kafka is:

  prefix: fenghuo
  kafka:
    brokers: ['kafka-1.example.gov.cn:9093']
    user: fenghuo
    password: env:KAFKA_PASSWORD     # or file:/path; tls: true and mechanism: scram-sha-512 unless given

Topics that exist are compared and never changed: each difference is named, and the exit code is 1.`;

export function register(program: Command): void {
  const topics = program.command('topics').description('the topics of the logs in Kafka');
  topics
    .command('apply')
    .description('make the topics that are missing, and compare all with the file of topics')
    .requiredOption('-c, --config <file>', 'the file of servers')
    .option('--topics <file>', 'the file of topics; by default the one that comes with the program')
    .addHelpText('after', NOTES)
    .action(async ({ config, topics: file }: Options) => {
      const { applyTopics } = await import('../app/kafka-topics.js');
      for (const line of await applyTopics(config, file)) console.log(line);
    });
}
