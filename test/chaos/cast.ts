// The processes of a deployment under chaos: each is kept running in its roles, as a supervisor of the system would.
import { setTimeout as delay } from 'node:timers/promises';
import type { Deployment, RoleProcess } from '../support/servers/deployment.js';

/** What a process is there for. */
export interface Part {
  readonly name: string;
  readonly roles: readonly string[];
}

/** Those that always run; what is there twice takes over from the other. */
export const PARTS: readonly Part[] = [
  { name: 'front-1', roles: ['ingest', 'http', 'evaluate'] },
  { name: 'front-2', roles: ['ingest', 'http'] },
  { name: 'evaluate-1', roles: ['evaluate'] },
  { name: 'back-1', roles: ['alert', 'archive'] },
  { name: 'back-2', roles: ['alert', 'archive'] },
];

/** Those that come and go as it is scaled. */
export const EXTRAS: readonly Part[] = [
  { name: 'evaluate-2', roles: ['evaluate'] },
  { name: 'evaluate-3', roles: ['evaluate'] },
];

const RESTART_MS = 500;
const OUTPUT_KEPT = 4_000;

interface Actor {
  readonly part: Part;
  process: RoleProcess | null;
  url: string | null;
  wanted: boolean;
  /** As long as it is started again and again. */
  playing: Promise<void> | null;
  /** Whether its end was brought about. */
  isDoomed: boolean;
}

/** An end that nobody asked for. */
export interface Ending {
  readonly name: string;
  /** Whether it had taken up its roles before. */
  readonly wasReady: boolean;
  /** Its exit code or signal. */
  readonly code: number | NodeJS.Signals;
  readonly output: string;
}

export class Cast {
  private readonly actors: readonly Actor[];
  private readonly playing = new Set<Promise<void>>();
  readonly endings: Ending[] = [];

  /** @param onEnding hears of ends that nobody asked for */
  constructor(
    private readonly deployment: Deployment,
    private readonly onEnding: (ending: Ending) => void,
  ) {
    this.actors = [...PARTS, ...EXTRAS].map((part) => ({
      part,
      process: null,
      url: null,
      wanted: false,
      playing: null,
      isDoomed: false,
    }));
  }

  /** Addresses of those that take events. */
  get urls(): string[] {
    return this.actors.flatMap(({ url }) => (url === null ? [] : [url]));
  }

  /** Names of those that are to run. */
  get wanted(): string[] {
    return this.actors.filter(({ wanted }) => wanted).map(({ part }) => part.name);
  }

  /** Names of those that have a role and are to run. */
  having(role: string): string[] {
    return this.actors
      .filter(({ part, wanted }) => wanted && part.roles.includes(role))
      .map(({ part }) => part.name);
  }

  /** Resolves with the first time that it is ready. */
  async start(name: string): Promise<void> {
    const actor = this.actor(name);
    if (actor.wanted) return;
    actor.wanted = true;
    await new Promise<void>((done) => {
      const playing = (actor.playing = this.play(actor, done).finally(done));
      this.playing.add(playing);
      void playing.finally(() => this.playing.delete(playing));
    });
  }

  /** Ends it for good. */
  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const actor = this.actor(name);
    actor.wanted = false;
    await this.end(name, signal);
    await actor.playing;
  }

  /** Ends it by a signal; it starts again by itself. Resolves when it is gone. */
  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const actor = this.actor(name);
    if (actor.process === null) return;
    actor.isDoomed = true;
    await actor.process.end(signal);
  }

  /** Halts it, and lets it go on after a while as if nothing had been. */
  async halt(name: string, ms: number): Promise<void> {
    const { process } = this.actor(name);
    process?.child.kill('SIGSTOP');
    await delay(ms);
    process?.child.kill('SIGCONT');
  }

  /** Ends all that still run. */
  async stopAll(): Promise<void> {
    await Promise.all(this.actors.filter(({ wanted }) => wanted).map(({ part }) => this.stop(part.name)));
    await Promise.all(this.playing);
  }

  /** What all of them wrote last. */
  get outputs(): string {
    return this.actors
      .map(
        ({ part, process }) =>
          `--- ${part.name}\n${process?.output().slice(-OUTPUT_KEPT) ?? '(does not run)'}`,
      )
      .join('\n');
  }

  private actor(name: string): Actor {
    const found = this.actors.find(({ part }) => part.name === name);
    if (found === undefined) throw new Error(`there is no process ${name}`);
    return found;
  }

  /** Starts it again whenever it ends, until it is no longer wanted. */
  private async play(actor: Actor, onReady: () => void): Promise<void> {
    while (actor.wanted) {
      const started = this.deployment.run(actor.part.roles);
      actor.process = started;
      actor.isDoomed = false;
      let wasReady = false;
      void started.ready.then(
        (url) => {
          wasReady = true;
          actor.url = url;
          onReady();
        },
        () => undefined,
      );
      const code = await started.ended;
      actor.url = null;
      actor.process = null;
      if (!actor.isDoomed) {
        const output = started.output().slice(-OUTPUT_KEPT);
        const ending = { name: actor.part.name, wasReady, code, output };
        this.endings.push(ending);
        this.onEnding(ending);
      }
      if (actor.wanted) await delay(RESTART_MS);
    }
  }
}
