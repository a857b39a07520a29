// The scripts of Redis that come with the program.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisScripts } from '../adapters/redis/redis.js';
import { projectFolder } from './version.js';

export async function readRedisScripts(): Promise<RedisScripts> {
  const textOf = (name: string) => readFile(join(projectFolder(), 'infra', 'redis', name), 'utf8');
  const [checkpoint, keepPersons, setAside, endAside, erasePerson] = await Promise.all([
    textOf('checkpoint.lua'),
    textOf('keep-persons.lua'),
    textOf('set-aside.lua'),
    textOf('end-aside.lua'),
    textOf('erase-person.lua'),
  ]);
  return { checkpoint, vault: { keepPersons, setAside, endAside, erasePerson } };
}
