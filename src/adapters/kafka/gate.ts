// A way to the brokers that can be shut for good: a client whose work is given up must not go on with it unseen.
import type { Socket } from 'node:net';
import { CodedError } from '../../events/coded-error.js';
import type { Dial } from './connection.js';

export interface Gate {
  readonly dial: Dial;
  /** Breaks the connections off; no further one is made. */
  shut(): void;
}

/** The client repeats what fails for as long as its retries last, and cannot be told to stop: without sockets it must. */
export function gateOf(dial: Dial): Gate {
  const sockets = new Set<Socket>();
  let isShut = false;
  return {
    dial: (place, onConnect) => {
      if (isShut) throw new CodedError('STORE_CLOSED');
      const socket = dial(place, onConnect);
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    shut: () => {
      isShut = true;
      // The client learns of the end of a socket by its error.
      for (const socket of sockets) socket.destroy(new CodedError('STORE_CLOSED'));
    },
  };
}
