// Disturbances of a way, seen from both of its ends.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openProxy, type Proxy } from './proxy.js';

let server: Server;
let heard: string[];
let proxy: Proxy;
const clients: Socket[] = [];

beforeEach(async () => {
  heard = [];
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      heard.push(piece.toString());
      server.emit('heard');
      socket.write(`re: ${piece.toString()}`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await openProxy((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.close();
  for (const client of clients.splice(0)) client.destroy();
  await new Promise((done) => server.close(done));
});

function called(): Socket {
  const client = connect({ port: proxy.port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

async function connected(): Promise<Socket> {
  const client = called();
  await once(client, 'connect');
  return client;
}

/** A reset is an error first. */
const closeOf = (client: Socket) =>
  new Promise<void>((done) => (client.closed ? done() : client.once('close', () => done())));
const answer = async (client: Socket) => String((await once(client, 'data'))[0]);

it('passes both ways', async () => {
  const client = await connected();
  client.write('a');
  expect(await answer(client)).toBe('re: a');
});

it('brings what waited in a stall to the server late, although the sender is gone', async () => {
  const client = await connected();
  client.write('a');
  await answer(client);
  proxy.set({ kind: 'stall' });
  client.write('b');
  await new Promise<void>((done) => client.end(() => done()));
  expect(heard).toEqual(['a']);
  const late = once(server, 'heard');
  proxy.set({ kind: 'pass' });
  await late;
  expect(heard).toEqual(['a', 'b']);
});

it('loses answers when deaf, and then the connection', async () => {
  const client = await connected();
  let answers = 0;
  client.on('data', () => answers++);
  proxy.set({ kind: 'deaf' });
  const taken = once(server, 'heard');
  client.write('a');
  await taken;
  // A second one has gone the same way by the time its answer would come.
  const again = once(server, 'heard');
  client.write('b');
  await again;
  const closed = closeOf(client);
  proxy.set({ kind: 'refuse' });
  await closed;
  expect(answers).toBe(0);
});

it('resets who comes while it refuses, and who stands when it cuts', async () => {
  const client = await connected();
  client.write('a');
  await answer(client);
  const cut = closeOf(client);
  proxy.cut();
  await cut;
  proxy.set({ kind: 'refuse' });
  const refused = called();
  refused.write('b');
  await closeOf(refused);
  expect(heard).toEqual(['a']);
});
