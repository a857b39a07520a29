// The folder of rules of a running process: watched, read once it is at rest, and brought in where it has no errors.
import { realpath } from 'node:fs/promises';
import { watchFolders, type Watching } from '../adapters/files/rule-watching.js';
import { CodedError } from '../events/coded-error.js';
import type { EmbeddedModels } from './embedded-models.js';
import { InvalidFiles } from './invalid-files.js';
import type { Log } from './log.js';
import { faultsOf } from './models-side.js';
import { loadRulesAt } from './named-rules.js';

export interface RulesReloadingOptions {
  readonly dir: string;
  readonly models: Pick<EmbeddedModels, 'takeFolder' | 'noteReload'>;
  readonly log: Log;
}

/** Editors and copies write several files, and a file in several pieces: the folder is read when so long nothing came. */
const QUIET_MS = 1_000;
/** Another change is on its way, which takes two seconds. */
const BUSY_RETRY_MS = 500;

export class RulesReloading {
  private watching: Watching | null = null;
  private timer: NodeJS.Timeout | null = null;
  private reading: Promise<void> = Promise.resolve();
  /** Grows with each change that is heard of. */
  private heard = 0;
  private closed = false;
  private readonly onSignal = () => this.soon(0, true);

  private constructor(private readonly options: RulesReloadingOptions) {}

  /** Watches from now on, and reads the folder once, since it may have changed since the start. */
  static async open(options: RulesReloadingOptions): Promise<RulesReloading> {
    const reloading = new RulesReloading(options);
    const onFailure = (error: unknown) => options.log.failure('rules', error, 0);
    const onChange = () => {
      reloading.heard++;
      reloading.soon(QUIET_MS, false);
    };
    reloading.watching = await watchFolders([await realpath(options.dir)], onChange, onFailure);
    process.on('SIGHUP', reloading.onSignal);
    reloading.soon(0, false);
    return reloading;
  }

  async close(): Promise<void> {
    this.closed = true;
    process.off('SIGHUP', this.onSignal);
    if (this.timer !== null) clearTimeout(this.timer);
    await this.watching?.close();
    await this.reading;
  }

  /** Reads the folder after a while in which nothing else was heard. @param isAsked whether somebody asks for it */
  private soon(afterMs: number, isAsked: boolean): void {
    if (this.closed) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.reading = this.reading.then(() => this.read(isAsked));
    }, afterMs);
  }

  private async read(isAsked: boolean): Promise<void> {
    const { dir, models, log } = this.options;
    const { heard } = this;
    try {
      const { rules, files } = await loadRulesAt(dir);
      // What was written while it was read is read again, when it is at rest.
      if (heard !== this.heard || this.closed) return;
      const applied = await models.takeFolder(rules, files, isAsked);
      models.noteReload(applied.outcome === 'announced' ? 'applied' : 'unchanged');
      if (applied.outcome === 'announced')
        log.info(
          { revision: applied.revision, at: applied.at },
          'the folder of rules has changed; its rules come into force',
        );
    } catch (error) {
      if (error instanceof CodedError && error.code === 'MODELS_BUSY') {
        this.soon(BUSY_RETRY_MS, isAsked);
        return;
      }
      if (heard !== this.heard || this.closed) return;
      this.refuse(error);
    }
  }

  private refuse(error: unknown): void {
    const { models, log } = this.options;
    models.noteReload('refused');
    const faults = error instanceof InvalidFiles ? faultsOf(error.diagnostics) : [];
    const { code } = error as { code?: unknown };
    const said = { code: typeof code === 'string' ? code : 'INTERNAL', faults };
    const message = error instanceof Error ? error.message : String(error);
    log.error(said, `the folder of rules is refused and the former rules run on: ${message}`);
  }
}
