// What every run begins with, in whatever mode: the signal that ends it, and the files of channels and of personal values.
import type { Catalogue } from '../catalogue/catalogue.js';
import { CODES } from '../events/codes.js';
import type { PersonalSettings } from '../events/personal-access.js';
import { missingChannels, openChannels, type OpenedFile } from './channels.js';
import { openPersonalSettings } from './personal-settings.js';

export interface Files {
  /** The file of channels; undefined where inbox files are the only way to departments. */
  readonly channels: string | undefined;
  /** The file that says who may see clear personal values; undefined where nobody may. */
  readonly personal: string | undefined;
  /** Hears what is to be noticed of the rules, as lines to read. */
  readonly onWarnings: (lines: readonly string[]) => void;
}

/** Resolves once a signal asks to end. */
export function stopSignal(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
}

/**
 * Opens what the files name, and says which channels the catalogue sends by and nobody opened.
 * @param publicUrl under which people find the pages; null where there are none
 * @throws as `openChannels` and `openPersonalSettings`
 */
export async function openFiles(
  { channels: path, personal: settings, onWarnings }: Files,
  catalogue: Catalogue,
  publicUrl: string | null,
): Promise<{ readonly channels: OpenedFile; readonly personal: PersonalSettings }> {
  const departments = new Set(catalogue.departments.keys());
  const personal = await openPersonalSettings(settings, departments);
  const channels = await openChannels(path, departments, Date.now, publicUrl);
  for (const name of missingChannels(catalogue, channels)) {
    onWarnings([`channel ${name}: ${CODES.CHANNEL_UNKNOWN}`]);
  }
  return { channels, personal };
}
