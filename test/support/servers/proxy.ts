// A way to a server that can be disturbed: a TCP proxy on the loopback that delays, stalls, loses answers, refuses, cuts.
import { EventEmitter, once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What happens to what passes:
 * - `pass`: nothing;
 * - `delay`: each piece waits so long;
 * - `stall`: connections are taken, and nothing passes until the mode changes; then what waited arrives late, although
 *   the sender may be gone;
 * - `deaf`: the server gets everything, and its answers are lost, with the connections that they were lost on;
 * - `refuse`: connections are reset, those that stand too.
 */
export type ProxyMode =
  { readonly kind: 'pass' | 'stall' | 'deaf' | 'refuse' } | { readonly kind: 'delay'; readonly ms: number };

export interface Proxy {
  readonly port: number;
  /** Host and port. */
  readonly address: string;
  set(mode: ProxyMode): void;
  /** Resets all connections that stand. */
  cut(): void;
  close(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  hasLost: boolean;
}

const PASS: ProxyMode = { kind: 'pass' };

/** Opens a proxy in front of a port of the loopback, which may be listened on later. */
export async function openProxy(target: number): Promise<Proxy> {
  const passage = new Passage(target);
  const listening = createServer({ allowHalfOpen: true }, (client) => passage.open(client));
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    set: (mode) => passage.set(mode),
    cut: () => passage.cut(),
    close: async () => {
      passage.set({ kind: 'refuse' });
      await new Promise((done) => listening.close(done));
    },
  };
}

class Passage {
  private mode: ProxyMode = PASS;
  private readonly events = new EventEmitter().setMaxListeners(0);
  private readonly links = new Set<Link>();

  constructor(private readonly target: number) {}

  set(mode: ProxyMode): void {
    for (const link of this.links) if (link.hasLost) reset(link);
    this.mode = mode;
    if (mode.kind === 'refuse') this.cut();
    this.events.emit('changed');
  }

  cut(): void {
    for (const link of this.links) reset(link);
  }

  open(client: Socket): void {
    client.on('error', () => undefined);
    if (this.mode.kind === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    server.on('error', () => undefined);
    const link: Link = { client, server, hasLost: false };
    this.links.add(link);
    const carried = [this.carry(link, client, server), this.carry(link, server, client)];
    void Promise.all(carried).finally(() => this.links.delete(link));
  }

  /** One direction of a connection, until its end; an error of either end is the end of both. */
  private async carry(link: Link, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        await this.passes();
        if (this.mode.kind === 'deaf' && from === link.server) link.hasLost = true;
        else await written(to, piece);
      }
      await this.passes();
      to.end();
    } catch {
      reset(link);
    }
  }

  private async passes(): Promise<void> {
    if (this.mode.kind === 'delay') await delay(this.mode.ms);
    while (this.mode.kind === 'stall') await once(this.events, 'changed');
  }
}

function reset({ client, server }: Link): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}

function written(to: Socket, piece: Buffer): Promise<void> {
  return new Promise((done, fail) => to.write(piece, (error) => (error ? fail(error) : done())));
}
