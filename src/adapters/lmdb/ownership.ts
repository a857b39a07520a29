// One process owns a data folder: a lock that the kernel drops with the process, however it ends.
import { createHash } from 'node:crypto';
import { constants, realpathSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CodedError } from '../../events/coded-error.js';

export interface Ownership {
  release(): Promise<void>;
}

/**
 * Takes the folder or refuses at once. Node offers no file lock, and a file with a process id outlives a crash and
 * may name a stranger, so each system lends what it has: Linux an abstract socket named after device and inode,
 * Windows a named pipe after the path, macOS and the BSDs an open with O_EXLOCK. An abstract socket is not seen
 * from another network namespace, that is from a second container on the same volume; there the owner record that
 * every transaction of the writer is conditional on stops the first owner at its next write.
 * @throws CodedError DATA_FOLDER_IN_USE
 */
export async function takeFolder(path: string): Promise<Ownership> {
  if (process.platform === 'linux') {
    const { dev, ino } = await stat(path, { bigint: true });
    return listen(`\0fenghuo-data-${dev}-${ino}`, path);
  }
  if (process.platform === 'win32') {
    const name = createHash('sha256').update(realpathSync.native(path).toLowerCase()).digest('hex');
    return listen(`\\\\.\\pipe\\fenghuo-data-${name}`, path);
  }
  return lockFile(path);
}

async function listen(name: string, path: string): Promise<Ownership> {
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? inUse(path) : error);
    });
    // Exclusive, for workers of a cluster would else share the listener.
    server.listen({ path: name, exclusive: true }, resolve);
  });
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function lockFile(path: string): Promise<Ownership> {
  const exclusiveLock = 0x20;
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | exclusiveLock;
  try {
    const file = await open(join(path, 'owner.lock'), flags, 0o600);
    return { release: () => file.close() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EAGAIN' || code === 'EWOULDBLOCK' ? inUse(path) : error;
  }
}

function inUse(path: string): CodedError {
  return new CodedError('DATA_FOLDER_IN_USE', `The folder is ${path}.`);
}
