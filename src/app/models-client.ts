// Asks a running program for its rules, and for others in their place, by its HTTP front.
import { isLoopback } from '../adapters/http/http.js';
import { CodedError } from '../events/coded-error.js';
import type { ModelsOrder } from '../events/models-order.js';
import type { ModelsOutcome } from '../ports/front.js';
import { ownToken } from './environment.js';
import type { ModelsView } from './models-side.js';

const PATH = '/v1/models';
/** On servers it takes up to a quarter of a minute until a change is announced. */
const TIMEOUT_MS = 60_000;
const FAULTS_SHOWN = 50;

interface Refused {
  readonly error?: { readonly code?: string; readonly message?: string };
  readonly faults?: readonly unknown[];
}

/** @throws CodedError MODELS_UNREACHED */
export async function askForModels(url: string): Promise<ModelsView> {
  return (await asked(url, 'GET')) as ModelsView;
}

/** @throws CodedError MODELS_UNREACHED, with what was answered where it refuses */
export async function orderModels(url: string, order: ModelsOrder): Promise<ModelsOutcome> {
  return (await asked(url, 'POST', JSON.stringify(order))) as ModelsOutcome;
}

async function asked(url: string, method: 'GET' | 'POST', body?: string): Promise<unknown> {
  const target = targetOf(url);
  const token = ownToken();
  const headers = {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  // A token is sent to nobody but whom the address names.
  const request = { method, headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  const answer = await fetch(target, body === undefined ? request : { ...request, body }).catch(
    (error: unknown) => {
      const { cause } = error as { cause?: { code?: string } };
      throw new CodedError('MODELS_UNREACHED', `${target.origin}: ${cause?.code ?? 'no answer'}.`, error);
    },
  );
  const said = (await answer.json().catch(() => ({}))) as Refused;
  if (answer.ok) return said;
  if (answer.status === 422 && said.faults !== undefined) {
    return { outcome: 'invalid', faults: said.faults.slice(0, FAULTS_SHOWN).map(String) };
  }
  const reason = `${said.error?.code ?? ''} ${said.error?.message ?? ''}`.trim();
  throw new CodedError('MODELS_UNREACHED', `${target.origin} answers ${answer.status} ${reason}`);
}

/** @throws CodedError USAGE for what is no address of a program, or where a token would go in clear over a network */
function targetOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.password !== '')
    throw new CodedError(
      'USAGE',
      '--url is the address of a running program, https://… or http://127.0.0.1:8080.',
    );
  if (base.protocol === 'http:' && !isLoopback(base.hostname))
    throw new CodedError('USAGE', '--url beyond this machine begins with https://.');
  return new URL(PATH, base);
}
