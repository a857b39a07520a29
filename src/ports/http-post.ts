// How channels that speak HTTP send: one guarded request, and what came back.
import type { SendFailure } from './channel.js';

export interface PostRequest {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** From the first look-up to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An answer of 2xx; `json` is its body, undefined where that is no JSON or over 64 KiB. */
export interface PostAnswer {
  readonly ok: true;
  readonly status: number;
  readonly json: unknown;
}

/** Another status, or no answer; `json` as above. */
export type PostFailure = SendFailure & { readonly json?: unknown };

/** Posts once, follows no redirect, and never rejects. */
export type HttpPost = (request: PostRequest) => Promise<PostAnswer | PostFailure>;
