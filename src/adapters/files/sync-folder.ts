// Names made durable.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Makes the names of new files in a folder durable; Windows does so by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
